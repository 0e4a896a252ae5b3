import type * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from './dropout-mask.js';
import type { PoolWindow } from './kernels/max-pool.js';

/** Shape of one sample, without the batch: [height, width, channels] or [units]. */
export type SampleShape = readonly number[];

/** How a pass over the network is made. */
export type Pass =
  /** For a prediction: nothing is kept for a gradient and nothing is dropped. */
  | { readonly kind: 'inference' }
  /** For a gradient, with dropout. */
  | { readonly kind: 'training'; readonly dropout: DropoutKey };

/** A parameter's gradient, summed over the samples, before it is brought into the RunSpec's form. */
export type ParameterGradient =
  | { readonly kind: 'dense'; readonly values: tf.Tensor }
  /** inputsᵀ · deltas, not multiplied: inputs [batch, in], deltas [batch, out] */
  | { readonly kind: 'factored'; readonly inputs: tf.Tensor; readonly deltas: tf.Tensor };

/** What an operation gives back when asked for its gradients. */
export interface Backward {
  /** d loss / d input, of the input's shape; absent when it was not wanted. */
  readonly input?: tf.Tensor;
  /** One for each of the operation's parameters. */
  readonly parameters: readonly ParameterGradient[];
}

export interface Forward {
  readonly output: tf.Tensor;
  /**
   * @param dy d loss / d output
   * @param wantInput false for the first operation, whose input is data
   */
  backward(dy: tf.Tensor, wantInput: boolean): Backward;
}

/**
 * One piece of the computation; a layer is made of one or two. Its gradient is written out, in the
 * form that is fastest on this backend, and not taken from a tape: the order of operations, and with
 * it every bit, is what the code says. All tensors live in the caller's `tf.tidy`.
 */
export interface Operation {
  /**
   * Whether it applies one non-decreasing function per channel, as a bias and ReLU do. Such a
   * function and the maximum of a window may be taken in either order.
   */
  readonly monotone: boolean;
  /** The window, where it is a max-pooling. */
  readonly pooling?: PoolWindow;
  /**
   * @param x [batch, …input shape]
   * @param weights the operation's own parameters
   */
  forward(x: tf.Tensor, weights: readonly tf.Tensor[], pass: Pass): Forward;
}
