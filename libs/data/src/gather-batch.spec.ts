import { describe, expect, it } from 'vitest';
import { gatherBatch } from './gather-batch.js';

const pictures = {
  count: 3,
  inputs: Uint8Array.of(0, 51, 102, 255, 1, 2),
  targets: Int32Array.of(7, 65_535, 9),
};
const rows = {
  count: 2,
  inputs: Float32Array.of(1.5, -2, 3, 300),
  targets: Float32Array.of(0.1, 0.2, 0.3, 0.4),
};

describe('gatherBatch', () => {
  it('takes samples in the order asked for, pixels in [0, 1]', () => {
    const { inputs, targets } = gatherBatch(pictures, Uint32Array.of(1, 0, 1));
    expect([...targets]).toEqual([65_535, 7, 65_535]);
    expect([...inputs]).toEqual([0.4, 1, 0, 0.2, 0.4, 1].map(Math.fround));
  });

  it('scales as one float32 division would', () => {
    const { inputs } = gatherBatch(pictures, [2]);
    expect([...inputs]).toEqual([Math.fround(1 / 255), Math.fround(2 / 255)]);
  });

  it('takes numbers that are no pixels, and several values per target, as they are', () => {
    expect(gatherBatch(rows, [1, 0])).toEqual({
      inputs: Float32Array.of(3, 300, 1.5, -2),
      targets: Float32Array.of(0.3, 0.4, 0.1, 0.2),
    });
  });

  it('gives an empty batch for no indices', () => {
    expect(gatherBatch(pictures, [])).toEqual({
      inputs: new Float32Array(),
      targets: new Int32Array(),
    });
  });
});
