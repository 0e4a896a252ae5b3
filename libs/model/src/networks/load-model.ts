import { createHash } from 'node:crypto';
import { canonicalJson, type Initialisation } from '@lockstep/core';
import { buildModel } from './build-model.js';
import type { LoadedDefinition } from './load-definition.js';
import type { Model } from './model.js';

/**
 * Builds a chain of layers from its definition.
 *
 * @param imageShape [height, width, channels] of the data
 * @param initialisation of the parameters of a user's model; a built-in has its own
 * @throws LockstepError `model-invalid`
 */
export function chainModel(
  { definition, where, sourceSha256 }: LoadedDefinition,
  imageShape: readonly [number, number, number],
  classCount: number,
  initialisation: Initialisation = 'he',
): Model {
  if (sourceSha256 === undefined) return buildModel(definition, imageShape, classCount, where);
  const model = buildModel(definition, imageShape, classCount, where, initialisation);
  const definitionSha256 = createHash('sha256').update(canonicalJson(definition)).digest('hex');
  return { ...model, sourceSha256, definitionSha256 };
}
