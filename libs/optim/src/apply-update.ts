import {
  learningRateAt,
  LockstepError,
  type Gradient,
  type GradientEntry,
  type OptimizerSpec,
} from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { applyFused, canFuse, type Slot } from './fused-apply.js';
import type { TrainingState } from './training-state.js';

/** What of a RunSpec decides how an update is applied. */
export interface ApplyOptions {
  readonly optimizer: OptimizerSpec;
  /** The number of steps over which the schedule is spread, see `horizonAt`. */
  readonly steps: number;
  /** Samples per step: the update is a sum over them, their mean is applied. */
  readonly batch: number;
}

/**
 * Applies one step's update: w ← w − lr · g / batch, or with momentum (Polyak's, in the form of
 * Sutskever et al., ICML 2013, eq. 1–2, with the learning rate outside)
 * v ← momentum · v + g / batch; w ← w − lr · v.
 *
 * With the same backend and thread count a pure function, to the bit.
 *
 * @param update the step's reduced gradient, a sum over `batch` samples
 * @param keeps whether the old state stays valid, until `disposeState`; else it is used up, which
 *   saves a copy of it
 */
export function applyUpdate(
  state: TrainingState,
  update: Gradient,
  { optimizer, steps, batch }: ApplyOptions,
  keeps: boolean,
): TrainingState {
  if (update.length !== state.weights.length) {
    const what = `an update of ${update.length} entries for ${state.weights.length} parameters`;
    throw new LockstepError('internal', what);
  }
  const version = state.version + 1;
  const { momentum } = optimizer;
  const rates = { rate: learningRateAt(optimizer, version, steps), momentum };
  const slots = state.weights.map((weight, i) => {
    const velocity = state.velocity[i];
    const gradient = tf.tidy(() => meanGradient(update[i], weight.shape, batch));
    const next = (canFuse() ? applyFused : applyInSteps)(
      velocity ? { weight, velocity } : { weight },
      gradient,
      rates,
      keeps,
    );
    gradient.dispose();
    return next;
  });
  return {
    version,
    weights: slots.map(({ weight }) => weight),
    velocity: slots.flatMap(({ velocity }) => velocity ?? []),
  };
}

/** `applyFused` by tfjs's own operations, for backends without those kernels. */
function applyInSteps(
  { weight, velocity }: Slot,
  gradient: tf.Tensor,
  { rate, momentum }: { readonly rate: number; readonly momentum: number },
  keeps: boolean,
): Slot {
  const next = velocity && tf.tidy(() => tf.add(tf.mul(velocity, momentum), gradient));
  const moved = tf.tidy(() => tf.sub(weight, tf.mul(next ?? gradient, rate)));
  if (!keeps) tf.dispose(velocity ? [weight, velocity] : [weight]);
  return next ? { weight: moved, velocity: next } : { weight: moved };
}

/**
 * gradient / batch, as a tensor of the parameter's shape. Of a factored gradient the deltas are
 * divided, rows · out values, and not the product, in · out: for the large layer of mnist-cnn that
 * saves a pass over 13 MB.
 */
function meanGradient(entry: GradientEntry, shape: number[], batch: number): tf.Tensor {
  if (entry.kind === 'dense') return tf.mul(tf.tensor(entry.values, shape), 1 / batch);
  const { rows, inputs, deltas } = entry;
  const [inputSize, outputSize] = shape as [number, number];
  const scaled = tf.mul(tf.tensor2d(deltas, [rows, outputSize]), 1 / batch);
  return tf.matMul(tf.tensor2d(inputs, [rows, inputSize]), scaled, true);
}
