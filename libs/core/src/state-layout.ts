import { parameterCount, type ParameterSpec } from './gradient.js';

/** The order of a state's bytes: the weights, then each slot, each in parameter order. */
export interface StateLayout {
  readonly parameters: readonly ParameterSpec[];
  /** Names of the tensors that the optimizer keeps for each parameter. */
  readonly slots: readonly string[];
}

/** Number of bytes of a state. */
export function stateByteLength({ parameters, slots }: StateLayout): number {
  return 4 * parameterCount(parameters) * (1 + slots.length);
}
