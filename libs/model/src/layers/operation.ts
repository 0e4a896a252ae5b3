import type * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from './dropout-mask.js';
import type { PoolWindow } from '../kernels/padding.js';

/** Shape of one sample, without the batch: [height, width, channels] or [units]. */
export type SampleShape = readonly number[];

/** The kind of a pass over the network. */
export type Pass =
  /** For a prediction: nothing is kept for a gradient, and units are dropped only where a key is given. */
  | { readonly kind: 'inference'; readonly dropout?: DropoutKey }
  /** For a gradient, with dropout; statistics are those of the shard. */
  | { readonly kind: 'training'; readonly dropout: DropoutKey };

/** A parameter's gradient, summed over the samples, before conversion to the RunSpec's form. */
export type ParameterGradient =
  | { readonly kind: 'dense'; readonly values: tf.Tensor }
  /** inputsᵀ · deltas, not multiplied: inputs [batch, in], deltas [batch, out] */
  | { readonly kind: 'factored'; readonly inputs: tf.Tensor; readonly deltas: tf.Tensor };

/** The gradients of an operation. */
export interface Backward {
  /** d loss / d input, of the input's shape; absent when it was not requested. */
  readonly input?: tf.Tensor;
  /** One for each of the operation's parameters. */
  readonly parameters: readonly ParameterGradient[];
  /** d loss / d source, one for each of the operation's sources; absent without sources. */
  readonly sources?: readonly tf.Tensor[];
}

export interface Forward {
  readonly output: tf.Tensor;
  /** The operation's buffers after a training pass; absent where it has none. */
  readonly buffers?: readonly tf.Tensor[];
  /**
   * @param dy d loss / d output
   * @param wantInput false for the first operation, whose input is data
   */
  readonly backward: (dy: tf.Tensor, wantInput: boolean) => Backward;
}

/**
 * One piece of the computation; a layer is made of one or two. Its gradient is written explicitly, in
 * the fastest form for the backend, instead of recorded on a tape: the code determines the order of
 * operations, and so every bit. All tensors live in the caller's `tf.tidy`.
 */
export interface Operation {
  /**
   * Whether it applies one non-decreasing function per channel, as a bias and ReLU do. Such a
   * function and the maximum of a window may be taken in either order.
   */
  readonly monotone: boolean;
  /** The window of a max-pooling; absent for other operations. */
  readonly pooling?: PoolWindow;
  /**
   * @param x [batch, …input shape]
   * @param weights the operation's own parameters, then its buffers
   * @param sources outputs of the earlier layers that the operation names, see `LayerOperation`
   */
  forward(
    x: tf.Tensor,
    weights: readonly tf.Tensor[],
    pass: Pass,
    sources: readonly tf.Tensor[],
  ): Forward;
}

/** The output of an operation without parameters, and d loss / d input from d loss / d output. */
export interface Differentiable {
  readonly output: tf.Tensor;
  readonly gradient: (dy: tf.Tensor) => tf.Tensor;
}

/** An operation without parameters. */
export function withoutParameters(
  compute: (x: tf.Tensor, pass: Pass) => Differentiable,
  monotone = false,
): Operation {
  return {
    monotone,
    forward(x, _weights, pass) {
      const { output, gradient } = compute(x, pass);
      return {
        output,
        backward: (dy, wantInput) => ({
          ...(wantInput && { input: gradient(dy) }),
          parameters: [],
        }),
      };
    },
  };
}
