import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { canonicalJson, localPath, LockstepError, type Initialisation } from '@lockstep/core';
import { distance } from 'fastest-levenshtein';
import { importUserModule, type UserModuleKind } from '@lockstep/user-modules';
import * as api from '../user-api.js';
import { buildModel } from './build-model.js';
import { builtInModels } from './built-in.js';
import type { Model } from './model.js';

const MODEL_FILE: UserModuleKind = {
  noun: 'model file',
  code: 'model-invalid',
  ending: 'export default defineModel({ … })',
  packages: { lockstep: api, '@lockstep/model': api },
};

/**
 * Loads a built-in model by name, or a user's from a module whose default export is a
 * `defineModel(…)`. The module may be anywhere, in TypeScript or JavaScript, an ES module or CommonJS.
 *
 * @param imageShape [height, width, channels] of the data
 * @param initialisation of the parameters of a user's model; a built-in has its own
 * @throws LockstepError `model-not-found` or `model-invalid`
 */
export async function loadModel(
  nameOrFile: string,
  imageShape: readonly [number, number, number],
  classCount: number,
  initialisation: Initialisation = 'he',
): Promise<Model> {
  if (Object.hasOwn(builtInModels, nameOrFile)) {
    return buildModel(builtInModels[nameOrFile], imageShape, classCount, nameOrFile);
  }
  const file = localPath(nameOrFile);
  const source = await readSource(file, nameOrFile);
  const definition = await importUserModule(file, MODEL_FILE);
  const where = basename(file);
  const model = buildModel(definition, imageShape, classCount, where, initialisation);
  return {
    ...model,
    sourceSha256: sha256(source),
    definitionSha256: sha256(canonicalJson(definition)),
  };
}

async function readSource(file: string, nameOrFile: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const names = Object.keys(builtInModels).join(', ');
    throw new LockstepError('model-not-found', notFound(cause, file, nameOrFile), {
      remedy: `Use one of: ${names}; or the path of a model file.`,
      cause,
    });
  }
}

function notFound(cause: unknown, file: string, nameOrFile: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const guess = nearestName(nameOrFile);
    const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
    return `there is no built-in model ${nameOrFile} and no file ${file}${hint}`;
  }
  if (code === 'EISDIR') return `${file} is a folder, not a model file`;
  return `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
}

/** The built-in model whose name differs by three letters at most. */
function nearestName(name: string): string | undefined {
  const ranked = Object.keys(builtInModels)
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= 3 ? best.candidate : undefined;
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
