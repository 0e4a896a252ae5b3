import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldTree, sumByTree } from './fold-tree.js';

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 40,
});
const written = (leaves: readonly string[]): string =>
  foldTree(leaves, (left, right) => `(${left}${right})`);

describe('foldTree', () => {
  it('pairs neighbours, level by level', () => {
    const trees = ['a', '(ab)', '((ab)c)', '((ab)(cd))', '(((ab)(cd))e)', '(((ab)(cd))(ef))'];
    expect(trees.map((_, i) => written([...'abcdef'].slice(0, i + 1)))).toEqual(trees);
    expect(written([...'abcdefg'])).toBe('(((ab)(cd))((ef)g))');
  });

  it('gives the same bits when aligned subtrees are combined first', () => {
    fc.assert(
      fc.property(values, fc.nat(5), (leaves, level) => {
        const size = 2 ** level;
        const partial = Array.from({ length: Math.ceil(leaves.length / size) }, (_, i) =>
          sumByTree(leaves.slice(i * size, (i + 1) * size)),
        );
        expect(sumByTree(partial)).toBe(sumByTree(leaves));
      }),
    );
  });

  it('names the left values that are leaves, which a sum must not overwrite', () => {
    fc.assert(
      fc.property(values, (leaves) => {
        const cells = leaves.map((value) => ({ value }));
        const sum = foldTree(cells, (left, right, leftIsLeaf) => {
          expect(cells.includes(left)).toBe(leftIsLeaf);
          return { value: left.value + right.value };
        });
        expect(sum.value).toBe(sumByTree(leaves));
      }),
    );
  });

  it('needs a leaf, where a sum of nothing is 0', () => {
    expect(() => written([])).toThrow(RangeError);
    expect(sumByTree([])).toBe(0);
  });
});
