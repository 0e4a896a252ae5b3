import { parameterCount, type ParameterSpec } from './gradient.js';
import type { OptimizerSpec } from './run-spec.js';

/** What a state's bytes are laid out by: weights, and then velocity where there is momentum. */
export interface StateLayout {
  readonly parameters: readonly ParameterSpec[];
  readonly optimizer: Pick<OptimizerSpec, 'momentum'>;
}

/** Number of bytes of a state. */
export function stateByteLength({ parameters, optimizer }: StateLayout): number {
  return 4 * parameterCount(parameters) * (optimizer.momentum === 0 ? 1 : 2);
}
