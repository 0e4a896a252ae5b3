import type * as tf from '@tensorflow/tfjs-core';

/** The TensorFlow of the thread that computes; passed in, so that schemas can be read without one. */
export type TensorFlow = typeof tf;
