import * as tf from '@tensorflow/tfjs-core';

/** The backends on which kernels are tested; both are real and live in one process. */
export const BACKENDS = ['tensorflow', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Loads native TensorFlow with one thread, and the wasm backend. */
export async function loadBackends(): Promise<void> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] = '2';
  process.env['OMP_NUM_THREADS'] = '1';
  process.env['TF_NUM_INTRAOP_THREADS'] = '1';
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  await import('@tensorflow/tfjs-node');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setThreadsCount(1);
  for (const backend of BACKENDS) await tf.setBackend(backend);
}

/** Numbers of a fixed, well mixed sequence in [-1, 1). */
export function numbers(length: number, seed = 1): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A tensor of such numbers. */
export function tensorOf(shape: number[], seed = 1): tf.Tensor {
  return tf.tensor(
    numbers(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ),
    shape,
  );
}

/** Largest difference, relative to the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference / scale;
}

/** Zero without a sign: −0 where nothing arrives is as good as 0, and of 0 and −0 either is the larger. */
export function unsigned(value: number): number {
  return value + 0;
}
