import {
  LockstepError,
  type Gradient,
  type GradientEntry,
  type OptimizerSpec,
} from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterState, TensorFlow } from './optimizers/optimizer.js';
import { updateRule } from './optimizers/registry.js';
import { learningRateAt } from './schedules/registry.js';
import type { TrainingState } from './training-state.js';

/** The RunSpec fields that determine how an update is applied. */
export interface ApplyOptions {
  readonly optimizer: OptimizerSpec;
  /** The number of steps over which the schedule is spread, see `horizonAt`. */
  readonly steps: number;
  /** Samples per step: the update is a sum over them, their mean is applied. */
  readonly batch: number;
}

/**
 * Applies one step's update by the optimizer's rule. With the same backend and thread count a pure
 * function, to the bit.
 *
 * @param update the step's reduced gradient, a sum over `batch` samples
 * @param keeps whether the old state stays valid, until `disposeState`; else its tensors are disposed
 *   or reused, which saves a copy
 * @throws LockstepError `internal` when the update has another number of parameters
 */
export function applyUpdate(
  tf: TensorFlow,
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
  const at = { step: version, rate: learningRateAt(optimizer, version, steps) };
  const rule = updateRule(tf, optimizer);
  const next = state.weights.map((weight, i) => {
    const parameter = { weight, slots: slotsOf(state, i) };
    const gradient = tf.tidy(() => {
      const mean = meanGradient(tf, update[i], weight.shape, batch);
      return rule.l2 && weight.rank > 1 ? tf.add(mean, tf.mul(weight, rule.l2)) : mean;
    });
    const changed =
      !keeps && rule.updateInPlace
        ? rule.updateInPlace(parameter, gradient, at)
        : tf.tidy(() => rule.update(parameter, gradient, at));
    if (!keeps && !rule.updateInPlace) tf.dispose(parameter);
    gradient.dispose();
    return changed;
  });
  return {
    version,
    weights: next.map(({ weight }) => weight),
    slots: Object.fromEntries(
      Object.keys(state.slots).map((slot) => [slot, next.map(({ slots }) => slots[slot])]),
    ),
  };
}

/** The slots of one parameter. */
function slotsOf({ slots }: TrainingState, index: number): ParameterState['slots'] {
  return Object.fromEntries(Object.entries(slots).map(([slot, tensors]) => [slot, tensors[index]]));
}

/**
 * gradient / batch, as a tensor of the parameter's shape. Of a factored gradient the deltas are
 * divided, rows · out values, and not the product, in · out: for the large layer of mnist-cnn that
 * saves a pass over 13 MB.
 */
function meanGradient(
  tf: TensorFlow,
  entry: GradientEntry,
  shape: number[],
  batch: number,
): Tensor {
  if (entry.kind === 'dense') return tf.mul(tf.tensor(entry.values, shape), 1 / batch);
  const { rows, inputs, deltas } = entry;
  const [inputSize, outputSize] = shape as [number, number];
  const scaled = tf.mul(tf.tensor2d(deltas, [rows, outputSize]), 1 / batch);
  return tf.matMul(tf.tensor2d(inputs, [rows, inputSize]), scaled, true);
}
