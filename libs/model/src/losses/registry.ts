import { LockstepError } from '@lockstep/core';
import type { TensorFlow } from '../tensorflow.js';
import type { Loss, LossFunction } from './loss.js';
import * as registered from './registered.js';

/** Every loss. */
export const losses: readonly Loss[] = Object.values(registered);

/** The loss that networks are trained with. */
export const DEFAULT_LOSS = registered.crossEntropy.name;

/**
 * A registered loss with the default settings.
 *
 * @throws LockstepError `internal` when there is none of this name
 */
export function lossFunction(tf: TensorFlow, name = DEFAULT_LOSS): LossFunction {
  const loss = losses.find((each) => each.name === name);
  if (loss) return loss.make(tf, loss.schema.parse({}));
  throw new LockstepError('internal', `unknown loss ${name}`);
}
