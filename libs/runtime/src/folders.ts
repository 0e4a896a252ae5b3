import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { makeFolder } from '@lockstep/core';
import { foreignVariable } from './environment.js';
import { cacheBase, userCircumstances } from './user-folders.js';

const require = createRequire(import.meta.url);

/** The cache of downloads shared by all clones: usually `~/.cache/lockstep`. */
export function userCacheFolder(): string {
  const circumstances = userCircumstances(installRoot(), foreignVariable('XDG_CACHE_HOME'));
  return join(cacheBase(circumstances), 'lockstep');
}

/** The folder of @tensorflow/tfjs-node, where its native addon belongs. */
export function tfjsNodeFolder(): string {
  return dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
}

/** The folder whose `node_modules` holds TensorFlow.js: the root of the clone. */
export function installRoot(): string {
  const folder = tfjsNodeFolder();
  return folder.slice(0, folder.indexOf(`${sep}node_modules${sep}`));
}

/** Reads a note that an earlier set-up left in `.lockstep/`; undefined if absent or incomplete. */
export function readNote(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(installRoot(), '.lockstep', name), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Writes a note in `.lockstep/` for the next start, atomically. If the clone is read-only, the next
 * start repeats the check.
 */
export function writeNote(name: string, value: unknown): void {
  const folder = join(installRoot(), '.lockstep');
  const temporary = join(folder, `.${name}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, JSON.stringify(value, null, 2) + '\n');
    renameSync(temporary, join(folder, name));
  } catch (error) {
    if (!CANNOT_BE_WRITTEN.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

const CANNOT_BE_WRITTEN = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

/**
 * Fills a folder of the user's cache atomically: `fill` writes into a temporary folder beside it,
 * which is then renamed. If two set-ups race, both use the folder of the first to finish.
 */
export async function fillCacheFolder(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = mkdtempSync(`${path}.part-`);
  try {
    await fill(temporary);
    renameUnlessThere(temporary, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
