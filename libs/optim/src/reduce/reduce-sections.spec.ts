import { foldTree, sectionLengths, type ParameterSpec } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumSections } from './reduce-dense.js';
import { reduceSections, type ShardSections } from './reduce-sections.js';

const parameters: ParameterSpec[] = [
  { name: 'v', shape: [4], gradient: 'dense' },
  { name: 'w', shape: [2, 3], gradient: 'factored' },
  { name: 'b', shape: [3], gradient: 'dense' },
  { name: 'u', shape: [1, 2], gradient: 'factored' },
];

const buffers = [
  { name: 'mean', shape: [2] },
  { name: 'variance', shape: [3] },
];
const model = { parameters, buffers };

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true });

const shard: fc.Arbitrary<ShardSections> = fc.integer({ min: 1, max: 4 }).chain((rows) => {
  const { factored, dense } = sectionLengths(model, rows);
  return fc
    .record({ factored: floats(factored), dense: floats(dense) })
    .map((sections) => ({ rows, sections }));
});
const shards = fc.array(shard, { minLength: 1, maxLength: 9 });

describe('reduceSections', () => {
  it('sums dense entries and changes of buffers by the tree in float32', () => {
    fc.assert(
      fc.property(shards, (given) => {
        const { gradient, bufferChanges } = reduceSections(model, given);
        const [v, , b] = gradient;
        const sum = foldTree(
          given.map(({ sections }) => sections.dense),
          (left, right) => left.map((value, i) => Math.fround(value + right[i])),
        );
        expect(v).toEqual({ kind: 'dense', values: sum.subarray(0, 4) });
        expect(b).toEqual({ kind: 'dense', values: sum.subarray(4, 7) });
        expect(bufferChanges).toEqual([sum.subarray(7, 9), sum.subarray(9)]);
      }),
    );
  });

  it('puts the rows of factored entries under each other', () => {
    fc.assert(
      fc.property(shards, (given) => {
        const [, w, , u] = reduceSections(model, given).gradient;
        const rows = given.reduce((sum, each) => sum + each.rows, 0);
        /** What each shard has behind `skip` values a row, `width` values a row. */
        const all = (skip: number, width: number): Float32Array =>
          Float32Array.from(
            given.flatMap(({ rows: own, sections }) => [
              ...sections.factored.subarray(own * skip, own * (skip + width)),
            ]),
          );
        expect(w).toEqual({ kind: 'factored', rows, inputs: all(0, 2), deltas: all(2, 3) });
        expect(u).toEqual({ kind: 'factored', rows, inputs: all(5, 1), deltas: all(6, 2) });
      }),
    );
  });

  it('is pure: the same bits again, and the shards as they were', () => {
    fc.assert(
      fc.property(shards, (given) => {
        const before = structuredClone(given);
        expect(reduceSections(model, given)).toEqual(reduceSections(model, given));
        expect(given).toEqual(before);
      }),
    );
  });

  it('gives the same bits for any chunks of the values, and when aligned subtrees are summed first', () => {
    const cases = fc.record({ given: shards, cut: fc.nat(7), level: fc.nat(2) });
    fc.assert(
      fc.property(cases, ({ given, cut, level }) => {
        const sections = given.map(({ sections: { dense } }) => dense);
        const whole = [...sumSections(sections)];
        const parts = [
          sections.map((all) => all.subarray(0, cut)),
          sections.map((all) => all.subarray(cut)),
        ];
        expect(parts.flatMap((part) => [...sumSections(part)])).toEqual(whole);
        const size = 2 ** level;
        const partial = Array.from({ length: Math.ceil(sections.length / size) }, (_, i) =>
          sumSections(sections.slice(i * size, (i + 1) * size)),
        );
        expect([...sumSections(partial)]).toEqual(whole);
      }),
    );
  });

  it('depends on the order, as float addition does', () => {
    const sum = (...values: number[]): Float32Array =>
      sumSections(values.map((value) => Float32Array.of(value)));
    expect(sum(1e8, -1e8, 1)).not.toEqual(sum(1, 1e8, -1e8));
  });

  it('refuses shards of another form', () => {
    const sections = { factored: new Float32Array(7), dense: new Float32Array(7) };
    expect(() => reduceSections(model, [{ rows: 2, sections }])).toThrow(/another form/);
    expect(() => reduceSections(model, [])).toThrow(/nothing to reduce/);
    expect(() => sumSections([new Float32Array(2), new Float32Array(3)])).toThrow(/length/);
  });
});
