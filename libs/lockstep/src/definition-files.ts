import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockstepError } from '@lockstep/core';
import type { DatasetDefinition, ModelDefinition } from '@lockstep/model/user-api';

/** The name or path of something that a user names; a `file:` URL becomes a path. */
export function pathOf(given: string | URL | undefined): string | undefined {
  if (given instanceof URL || given?.startsWith('file:')) return fileURLToPath(given);
  return given;
}

/**
 * The name or path of data.
 *
 * @throws LockstepError `data-invalid` for what `defineDataset` returns: its functions are called by other processes
 */
export function dataFile(data: string | URL | DatasetDefinition | undefined): string | undefined {
  if (data === undefined || typeof data === 'string' || data instanceof URL) return pathOf(data);
  throw new LockstepError('data-invalid', 'data is given as a definition, not as a module', {
    remedy:
      "export it from a module of its own and pass its path: `data: new URL('./data.js', import.meta.url)`",
  });
}

/**
 * The name or path of a model. The processes of a run load it by its path, so a definition that is
 * data is written to a file beside the runs, named after its hash; it stays, for a run that is resumed.
 *
 * @param out the folder of the runs
 * @throws LockstepError `model-invalid` for a definition with functions, which a file cannot hold
 */
export function modelFile(
  model: string | URL | ModelDefinition | undefined,
  out: string = 'runs',
): string | undefined {
  if (model === undefined || typeof model === 'string' || model instanceof URL)
    return pathOf(model);
  const text = JSON.stringify(model, refuseFunctions);
  const source = `import { defineModel } from 'lockstep';\n\nexport default defineModel(${text});\n`;
  const name = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const folder = resolve(out, '.models');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return file;
}

function refuseFunctions(_key: string, value: unknown): unknown {
  if (typeof value !== 'function') return value;
  throw new LockstepError('model-invalid', 'this model contains functions', {
    remedy:
      "export it from a module of its own and pass its path: `model: new URL('./model.js', import.meta.url)`",
  });
}
