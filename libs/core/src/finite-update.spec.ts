import { expect, it } from 'vitest';
import { isFiniteUpdate } from './finite-update.js';
import { encodeGradient } from './gradient-bytes.js';
import type { RunSpec } from './run-spec.js';
import { smallSpec } from './testing/small-spec.js';

const parameters: RunSpec['model']['parameters'] = [
  { name: 'a/weights', shape: [2, 1], gradient: 'factored' },
  { name: 'b/biases', shape: [2], gradient: 'dense' },
];

it.each([
  [[1, 0, 2], [3, 0], true],
  [[1, NaN, 2], [3, 0], false],
  [[1, 0, -Infinity], [3, 0], false],
  [[1, 0, 2], [0, Infinity], false],
])('an update with factors %j and a sum %j is finite: %s', (factors, sum, expected) => {
  const base = smallSpec({});
  const spec = { ...base, wire: 'bf16', model: { ...base.model, parameters } } as const;
  const factored = encodeGradient(Float32Array.from(factors), 'bf16');
  const shards = [{ sampleCount: 1, factored, factoredSha256: '' }];
  const dense = encodeGradient(Float32Array.from(sum), 'f32');
  expect(isFiniteUpdate({ shards, dense }, spec)).toBe(expected);
});
