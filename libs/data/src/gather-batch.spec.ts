import { describe, expect, it } from 'vitest';
import { gatherBatch } from './gather-batch.js';

const split = {
  count: 3,
  images: Uint8Array.of(0, 51, 102, 255, 1, 2),
  labels: Uint8Array.of(7, 8, 9),
};

describe('gatherBatch', () => {
  it('takes samples in the order asked for, pixels in [0, 1]', () => {
    const { images, labels } = gatherBatch(split, Uint32Array.of(1, 0, 1));
    expect([...labels]).toEqual([8, 7, 8]);
    expect([...images]).toEqual([0.4, 1, 0, 0.2, 0.4, 1].map(Math.fround));
  });

  it('scales as one float32 division would', () => {
    const { images } = gatherBatch(split, [2]);
    expect([...images]).toEqual([Math.fround(1 / 255), Math.fround(2 / 255)]);
  });

  it('gives an empty batch for no indices', () => {
    expect(gatherBatch(split, [])).toEqual({
      images: new Float32Array(),
      labels: new Int32Array(),
    });
  });
});
