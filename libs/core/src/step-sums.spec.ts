import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sectionLengths, type ParameterSpec } from './gradient.js';
import { appendBufferChanges, viewSums } from './step-sums.js';

const parameters: ParameterSpec[] = [
  { name: 'w', shape: [2, 3], gradient: 'factored' },
  { name: 'b', shape: [3], gradient: 'dense' },
];
const buffers = [
  { name: 'mean', shape: [2] },
  { name: 'variance', shape: [1, 2] },
];
const model = { parameters, buffers };

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -8, max: 8 });
const pair = fc.tuple(floats(2), floats(2));

describe('the dense section of a model with buffers', () => {
  it('has the changes after the gradients: together they give the mean weighted by samples', () => {
    const shard = fc.record({
      dense: floats(3),
      after: pair,
      samples: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(pair, fc.array(shard, { minLength: 1, maxLength: 4 }), (before, shards) => {
        const length = sectionLengths(model, 0).dense;
        const sum = new Float32Array(length);
        for (const { dense, after, samples } of shards) {
          const section = appendBufferChanges(dense, before, after, samples);
          expect(section).toHaveLength(length);
          section.forEach((value, i) => (sum[i] += value));
        }
        const factored = new Float32Array(sectionLengths(model, 1).factored);
        const { gradient, bufferChanges } = viewSums({ factored, dense: sum }, model, 1);
        expect(gradient[1]).toEqual({ kind: 'dense', values: sum.subarray(0, 3) });
        const batch = shards.reduce((count, { samples }) => count + samples, 0);
        before.forEach((values, buffer) =>
          values.forEach((value, i) => {
            const mean = shards.reduce(
              (all, { after, samples }) => all + after[buffer][i] * samples,
              0,
            );
            expect(value + bufferChanges[buffer][i] / batch).toBeCloseTo(mean / batch, 4);
          }),
        );
      }),
    );
  });

  it('is the gradients themselves where there are no buffers', () => {
    const dense = Float32Array.of(1, 2, 3);
    expect(appendBufferChanges(dense, [], [], 5)).toBe(dense);
  });

  it('is refused when it has another length', () => {
    const factored = new Float32Array(5);
    for (const length of [3, 6, 8]) {
      const sections = { factored, dense: new Float32Array(length) };
      expect(() => viewSums(sections, model, 1)).toThrow(RangeError);
    }
  });
});
