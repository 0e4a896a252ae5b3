import type { NetworkState } from '@lockstep/model';
import { evaluatedWeights, type TrainingState } from '@lockstep/optim';

/** The tensors that a network is trained from. */
export function trainedState({ weights }: TrainingState): NetworkState {
  return { weights, buffers: [] };
}

/** The tensors that a network predicts with: the moving average of the weights where there is one. */
export function evaluatedState(state: TrainingState): NetworkState {
  return { weights: evaluatedWeights(state), buffers: [] };
}
