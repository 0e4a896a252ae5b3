import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackends, tensorOf } from '../../spec-backends.js';
import { hasOneDnnPool, oneDnnPool } from './onednn-pool.js';
import { tilingPool } from './tiling-pool.js';

beforeAll(loadBackends);

/** Zero without a sign: −0 where nothing arrives is as good as 0, and of 0 and −0 either is the larger. */
const unsigned = (value: number): number => value + 0;

describe('oneDnnPool', () => {
  it('is not there on wasm', async () => {
    await tf.setBackend('wasm');
    expect(hasOneDnnPool()).toBe(false);
  });

  it.each([2, 3])('gives the bits of tilingPool, windows %i wide', async (size) => {
    await tf.setBackend('tensorflow');
    if (!hasOneDnnPool()) return;
    // Rounded, so that many values tie.
    const x = tf.round(tf.mul(tensorOf([2, 12, 6, 5]), 3));
    const dy = tensorOf([2, 12 / size, 6 / size, 5], 2);
    const [own, other] = [
      oneDnnPool(x, { size, stride: size, padding: 'valid' }),
      tilingPool(x, size),
    ];
    const [largest, otherLargest] = [own, other].map(({ output }) => output.dataSync<'float32'>());
    expect(largest.map(unsigned)).toEqual(otherLargest.map(unsigned));
    const [dx, otherDx] = [own, other].map(({ gradient }) => gradient(dy).dataSync<'float32'>());
    expect(dx.map(unsigned)).toEqual(otherDx.map(unsigned));
  });
});
