import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { buildModel } from './build-model.js';
import type { ModelDefinition } from './define-model.js';
import { mnistCnn } from './mnist-cnn.js';
import type { Model } from './model.js';

/** The models that go by a name. */
export const builtInModels: Readonly<Record<string, ModelDefinition>> = { 'mnist-cnn': mnistCnn };

/**
 * Loads a built-in model by name, or a user's from an ES module whose default export is a
 * `defineModel(…)`.
 *
 * @param imageShape [height, width, channels] of the data
 * @throws LockstepError `model-not-found` or `model-invalid`
 */
export async function loadModel(
  nameOrFile: string,
  imageShape: readonly [number, number, number],
  classCount: number,
): Promise<Model> {
  if (Object.hasOwn(builtInModels, nameOrFile)) {
    return buildModel(builtInModels[nameOrFile], imageShape, classCount, nameOrFile);
  }
  const file = resolve(nameOrFile);
  const source = await readSource(file, nameOrFile);
  const model = buildModel(await importDefault(file), imageShape, classCount, basename(file));
  return { ...model, sourceSha256: createHash('sha256').update(source).digest('hex') };
}

async function readSource(file: string, nameOrFile: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new LockstepError('model-not-found', `there is no model or file ${nameOrFile}`, {
      remedy: `Use one of: ${Object.keys(builtInModels).join(', ')}; or the path of a model file.`,
      cause,
    });
  }
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    if (module.default !== undefined) return module.default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('model-invalid', `${file} cannot be loaded: ${reason}`, {
      remedy: 'A model file is an ES module (.mjs or .js) that runs in Node.',
      cause,
    });
  }
  throw new LockstepError('model-invalid', `${file} has no default export`, {
    remedy: 'End the file with `export default defineModel({ … })`.',
  });
}
