import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './optimizers/optimizer.js';
import { AVERAGE_SLOT, type TrainingState } from './training-state.js';

/**
 * One step of the exponential moving average of the weights: a ← d·a + (1−d)·w, where d is the smaller
 * of `decay` and (1 + step) / (10 + step), so that the average of a short run is not that of its
 * initial weights (TensorFlow's `ExponentialMovingAverage` with `num_updates`; averaging: Polyak &
 * Juditsky, Acceleration of stochastic approximation by averaging, 1992). It begins as the initial
 * weights.
 *
 * @param step number of the step, from 1
 * @param average the average before the step, one tensor per parameter; stays valid
 * @param weights after the step
 */
export function averageWeights(
  tf: TensorFlow,
  decay: number,
  step: number,
  average: readonly Tensor[],
  weights: readonly Tensor[],
): Tensor[] {
  const kept = Math.min(decay, (1 + step) / (10 + step));
  return weights.map((weight, i) =>
    tf.tidy(() => tf.add(tf.mul(average[i], kept), tf.mul(weight, 1 - kept))),
  );
}

/**
 * The weights that a run evaluates, predicts with and saves: their average where it keeps one. Buffers
 * are not averaged: the average is used with those of the newest version.
 */
export function evaluatedWeights({ weights, slots }: TrainingState): readonly Tensor[] {
  return slots[AVERAGE_SLOT] ?? weights;
}
