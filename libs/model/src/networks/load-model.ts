import { createHash } from 'node:crypto';
import { canonicalJson, type DataSpec, type Initialisation } from '@lockstep/core';
import { buildModel } from './build-model.js';
import { withTexts } from '../objective/definition.js';
import type { LoadedDefinition } from './load-definition.js';
import type { Model } from './model.js';

/**
 * Builds a chain of layers from its definition.
 *
 * @param initialisation of the parameters of a user's model; a built-in has its own
 * @throws LockstepError `model-invalid`
 */
export function chainModel(
  { definition, where, sourceSha256 }: LoadedDefinition,
  { inputShape, target }: Pick<DataSpec, 'inputShape' | 'target'>,
  initialisation: Initialisation = 'he',
): Model {
  if (sourceSha256 === undefined) return buildModel(definition, inputShape, target, where);
  const model = buildModel(definition, inputShape, target, where, initialisation);
  const definitionSha256 = createHash('sha256').update(canonicalJson(withTexts(definition)));
  return { ...model, sourceSha256, definitionSha256: definitionSha256.digest('hex') };
}
