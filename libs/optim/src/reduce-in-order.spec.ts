import type { Gradient, ParameterSpec } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduceInOrder } from './reduce-in-order.js';

const parameters: ParameterSpec[] = [
  { name: 'w', shape: [2, 3], gradient: 'factored' },
  { name: 'b', shape: [3], gradient: 'dense' },
];

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true });

const gradient: fc.Arbitrary<Gradient> = fc.integer({ min: 1, max: 4 }).chain((rows) =>
  fc
    .tuple(floats(rows * 2), floats(rows * 3), floats(3))
    .map(([inputs, deltas, values]): Gradient => [
      { kind: 'factored', rows, inputs, deltas },
      { kind: 'dense', values },
    ]),
);
const gradients = fc.array(gradient, { minLength: 1, maxLength: 5 });

describe('reduceInOrder', () => {
  it('folds dense entries from the left in float32', () => {
    fc.assert(
      fc.property(gradients, (shards) => {
        const [, sum] = reduceInOrder(parameters, shards);
        const expected = [0, 1, 2].map((k) =>
          shards
            .map(([, entry]) => (entry.kind === 'dense' ? entry.values[k] : NaN))
            .reduce((total, value) => Math.fround(total + value)),
        );
        expect(sum).toEqual({ kind: 'dense', values: Float32Array.from(expected) });
      }),
    );
  });

  it('puts the rows of factored entries under each other', () => {
    fc.assert(
      fc.property(gradients, (shards) => {
        const [stacked] = reduceInOrder(parameters, shards);
        const parts = shards.map(([entry]) => entry);
        const all = (pick: 'inputs' | 'deltas'): number[] =>
          parts.flatMap((entry) => (entry.kind === 'factored' ? [...entry[pick]] : []));
        expect(stacked).toEqual({
          kind: 'factored',
          rows: parts.reduce(
            (rows, entry) => rows + (entry.kind === 'factored' ? entry.rows : 0),
            0,
          ),
          inputs: Float32Array.from(all('inputs')),
          deltas: Float32Array.from(all('deltas')),
        });
      }),
    );
  });

  it('is pure: the same bits again, and the shards as they were', () => {
    fc.assert(
      fc.property(gradients, (shards) => {
        const before = structuredClone(shards);
        expect(reduceInOrder(parameters, shards)).toEqual(reduceInOrder(parameters, shards));
        expect(shards).toEqual(before);
      }),
    );
  });

  it('depends on the order, as float addition does', () => {
    const shard = (value: number): Gradient => [{ kind: 'dense', values: Float32Array.of(value) }];
    const one: ParameterSpec[] = [{ name: 'b', shape: [1], gradient: 'dense' }];
    const sum = (...values: number[]): Gradient => reduceInOrder(one, values.map(shard));
    expect(sum(1e8, -1e8, 1)).not.toEqual(sum(1, 1e8, -1e8));
  });

  it('refuses shards of another form', () => {
    const dense: Gradient = [
      { kind: 'dense', values: new Float32Array(6) },
      { kind: 'dense', values: new Float32Array(3) },
    ];
    expect(() => reduceInOrder(parameters, [dense])).toThrow(/gradients of w .* not factored/);
    expect(() => reduceInOrder(parameters, [])).toThrow(/nothing to reduce/);
  });
});
