import { createHash } from 'node:crypto';
import { canonicalJson, type Initialisation } from '@lockstep/core';
import { buildModel } from './build-model.js';
import type { LoadedDefinition } from './load-definition.js';
import type { Model } from './model.js';

/**
 * Builds a chain of layers from its definition.
 *
 * @param inputShape of one sample of the data
 * @param outputs classes of the data, or values of a target
 * @param initialisation of the parameters of a user's model; a built-in has its own
 * @throws LockstepError `model-invalid`
 */
export function chainModel(
  { definition, where, sourceSha256 }: LoadedDefinition,
  inputShape: readonly number[],
  outputs: number,
  initialisation: Initialisation = 'he',
): Model {
  if (sourceSha256 === undefined) return buildModel(definition, inputShape, outputs, where);
  const model = buildModel(definition, inputShape, outputs, where, initialisation);
  const definitionSha256 = createHash('sha256').update(canonicalJson(definition)).digest('hex');
  return { ...model, sourceSha256, definitionSha256 };
}
