import {
  LockstepError,
  type GradientEntry,
  type OptimizerSpec,
  type StepSums,
} from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { clipFactor } from './clip-norm.js';
import { averageWeights } from './moving-average.js';
import type { ParameterState, TensorFlow } from './optimizers/optimizer.js';
import { updateRule } from './optimizers/registry.js';
import { learningRateAt } from './schedules/registry.js';
import { AVERAGE_SLOT, type TrainingState } from './training-state.js';

/** The RunSpec fields that determine how an update is applied. */
export interface ApplyOptions {
  readonly optimizer: OptimizerSpec;
  /** The number of steps over which the schedule is spread, see `horizonAt`. */
  readonly steps: number;
  /** Samples per step: the update is a sum over them, their mean is applied. */
  readonly batch: number;
  /** Largest global norm of the mean gradient, before weight decay; absent for no bound. */
  readonly clipNorm?: number;
  /** Decay of the moving average of the weights; absent where none is kept. */
  readonly ema?: number;
}

/**
 * Applies one step's update by the optimizer's rule. With the same backend and thread count a pure
 * function, to the bit.
 *
 * @param update the step's sums over `batch` samples
 * @param keeps whether the old state stays valid, until `disposeState`; else its tensors are disposed
 *   or reused, which saves a copy
 * @throws LockstepError `internal` when the update has another number of parameters
 */
export function applyUpdate(
  tf: TensorFlow,
  state: TrainingState,
  { gradient: sum, bufferChanges }: StepSums,
  { optimizer, steps, batch, clipNorm, ema }: ApplyOptions,
  keeps: boolean,
): TrainingState {
  if (sum.length !== state.weights.length) {
    const what = `an update of ${sum.length} entries for ${state.weights.length} parameters`;
    throw new LockstepError('internal', what);
  }
  const version = state.version + 1;
  const at = { step: version, rate: learningRateAt(optimizer, version, steps) };
  const rule = updateRule(tf, optimizer);
  const factor = clipNorm === undefined ? 1 : clipFactor(sum, batch, clipNorm);
  const { [AVERAGE_SLOT]: average, ...ruleSlots } = state.slots;
  const next = state.weights.map((weight, i) => {
    const parameter = { weight, slots: slotsOf(ruleSlots, i) };
    const gradient = tf.tidy(() => {
      const mean = scaledGradient(tf, sum[i], weight.shape, factor / batch);
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
  const weights = next.map(({ weight }) => weight);
  const slots = Object.fromEntries(
    Object.keys(ruleSlots).map((slot) => [slot, next.map(({ slots: own }) => own[slot])]),
  );
  const buffers = movedBuffers(tf, state.buffers, bufferChanges, batch);
  if (!keeps) tf.dispose([...state.buffers]);
  if (average === undefined || ema === undefined) return { version, weights, buffers, slots };
  const averaged = averageWeights(tf, ema, version, average, weights);
  if (!keeps) tf.dispose([...average]);
  return { version, weights, buffers, slots: { ...slots, [AVERAGE_SLOT]: averaged } };
}

/**
 * The buffers after a step: their mean over its samples. Neither clipped nor decayed. The last ones, frozen
 * weights, have no changes.
 */
function movedBuffers(
  tf: TensorFlow,
  buffers: readonly Tensor[],
  changes: readonly (Float32Array | undefined)[],
  batch: number,
): Tensor[] {
  return buffers.map((buffer, i) => {
    const change = changes[i];
    if (change === undefined) return buffer.clone();
    return tf.tidy(() => tf.add(buffer, tf.div(tf.tensor(change, buffer.shape), batch)));
  });
}

/** The slots of one parameter. */
function slotsOf(slots: TrainingState['slots'], index: number): ParameterState['slots'] {
  return Object.fromEntries(Object.entries(slots).map(([slot, tensors]) => [slot, tensors[index]]));
}

/**
 * gradient · scale, as a tensor of the parameter's shape. Of a factored gradient the deltas are
 * scaled, rows · out values, and not the product, in · out: for the large layer of mnist-cnn that
 * saves a pass over 13 MB.
 */
function scaledGradient(
  tf: TensorFlow,
  entry: GradientEntry,
  shape: number[],
  scale: number,
): Tensor {
  if (entry.kind === 'dense') return tf.mul(tf.tensor(entry.values, shape), scale);
  const { rows, inputs, deltas } = entry;
  const [inputSize, outputSize] = shape as [number, number];
  const scaled = tf.mul(tf.tensor2d(deltas, [rows, outputSize]), scale);
  return tf.matMul(tf.tensor2d(inputs, [rows, inputSize]), scaled, true);
}
