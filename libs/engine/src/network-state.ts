import { appendBufferChanges } from '@lockstep/core';
import type { ComputedGradient, NetworkState } from '@lockstep/model';
import { evaluatedWeights, type TrainingState } from '@lockstep/optim';

/** The tensors that a network is trained from. */
export function trainedState({ weights, buffers }: TrainingState): NetworkState {
  return { weights, buffers };
}

/**
 * The tensors that a network predicts with: the moving average of the weights where there is one, and
 * the newest buffers.
 */
export function evaluatedState(state: TrainingState): NetworkState {
  return { weights: evaluatedWeights(state), buffers: state.buffers };
}

/** The dense section of a shard that was computed from a state. */
export function denseSection(
  { totals, sections, buffers: after }: ComputedGradient,
  { buffers }: TrainingState,
): Float32Array {
  const moving = buffers.slice(0, after.length);
  const before = moving.map((buffer) => buffer.dataSync<'float32'>());
  return appendBufferChanges(sections.dense, before, after, totals.sampleCount);
}
