import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackends, tensorOf, unsigned } from '../../spec-backends.js';
import { hasOneDnnPool, oneDnnPool } from './onednn-pool.js';
import { tilingPool } from './tiling-pool.js';

beforeAll(loadBackends);

describe('oneDnnPool', () => {
  it('is not there on wasm', async () => {
    await tf.setBackend('wasm');
    expect(hasOneDnnPool(tf)).toBe(false);
  });

  it.for([2, 3])('gives the bits of tilingPool, windows %i wide', async (size, { skip }) => {
    await tf.setBackend('tensorflow');
    skip(!hasOneDnnPool(tf), 'this TensorFlow was built without oneDNN');
    // Rounded, so that many values tie.
    const x = tf.round(tf.mul(tensorOf([2, 12, 6, 5]), 3));
    const dy = tensorOf([2, 12 / size, 6 / size, 5], 2);
    const [own, other] = [
      oneDnnPool(tf, x, { size, stride: size, padding: 'valid' }),
      tilingPool(tf, x, size),
    ];
    const [largest, otherLargest] = [own, other].map(({ output }) => output.dataSync<'float32'>());
    expect(largest.map(unsigned)).toEqual(otherLargest.map(unsigned));
    const [dx, otherDx] = [own, other].map(({ gradient }) => gradient(dy).dataSync<'float32'>());
    expect(dx.map(unsigned)).toEqual(otherDx.map(unsigned));
  });
});
