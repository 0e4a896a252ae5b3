import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { localPath, LockstepError, messageOf } from '@lockstep/core';
import { distance } from 'fastest-levenshtein';
import { importUserModule, type UserModuleKind } from '@lockstep/user-modules';
import * as api from '../user-api.js';
import { builtInModels } from './built-in.js';
import { savedModel } from './tape/saved-model.js';

const MODEL_FILE: UserModuleKind = {
  noun: 'model file',
  code: 'model-invalid',
  ending: 'export default defineModel({ … })',
  packages: { lockstep: api, '@lockstep/model': api },
};

/** What a model's name or file stands for. */
export interface LoadedDefinition {
  /** The default export of a file, or a built-in. */
  readonly definition: unknown;
  /** The model's file or name, for messages. */
  readonly where: string;
  /** SHA-256 (hex) of the file; absent for a built-in. */
  readonly sourceSha256?: string;
}

/**
 * A built-in model by name, or the default export of a user's module. The module may be anywhere, in
 * TypeScript or JavaScript, an ES module or CommonJS. A saved `model.json` is its own definition.
 *
 * @throws LockstepError `model-not-found` or `model-invalid`
 */
export async function loadDefinition(nameOrFile: string): Promise<LoadedDefinition> {
  if (Object.hasOwn(builtInModels, nameOrFile)) {
    return { definition: builtInModels[nameOrFile], where: nameOrFile };
  }
  const file = localPath(nameOrFile);
  const source = await readSource(file, nameOrFile);
  const where = basename(file);
  if (where.endsWith('.json')) return savedModel(file, source);
  const definition = await importUserModule(file, MODEL_FILE);
  return { definition, where, sourceSha256: sha256(source) };
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
  return `${file} cannot be read: ${messageOf(cause)}`;
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
