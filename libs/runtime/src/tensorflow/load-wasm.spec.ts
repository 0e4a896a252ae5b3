import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from './load-tensorflow.js';

describe('the wasm backend', () => {
  it('loads, computes and knows the gradients', async () => {
    const { tf, backend, version } = await loadTensorFlow({ threads: 1, backend: 'wasm' });
    expect({ backend, name: tf.getBackend() }).toEqual({ backend: 'wasm', name: 'wasm' });
    expect(version).toMatch(/^4\.22/);
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const gradient = tf.grad((a) => tf.sum(tf.matMul(a, a)))(x);
    expect([...(await gradient.data())]).toEqual([7, 11, 9, 13]);
  });

  it('uses one thread, and SIMD where the CPU has it', async () => {
    const { tf } = await loadTensorFlow({ threads: 1, backend: 'wasm' });
    expect(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')).toBe(true);
    expect(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')).toBe(false);
  });
});
