import * as tf from '@tensorflow/tfjs-core';

/** Loads native TensorFlow with one thread. */
export async function loadTensorFlow(): Promise<void> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] = '2';
  process.env['OMP_NUM_THREADS'] = '1';
  process.env['TF_NUM_INTRAOP_THREADS'] = '1';
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  await import('@tensorflow/tfjs-node');
  await tf.setBackend('tensorflow');
}
