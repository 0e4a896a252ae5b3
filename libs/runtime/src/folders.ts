import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { foreignVariable } from './environment.js';

const require = createRequire(import.meta.url);

/** `${XDG_CACHE_HOME:-~/.cache}/lockstep`: what is downloaded once and shared by all clones. */
export function userCacheFolder(): string {
  const base = foreignVariable('XDG_CACHE_HOME') || join(homedir(), '.cache');
  return join(base, 'lockstep');
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

/** Reads a note that an earlier set-up left in `.lockstep/`; undefined when absent or torn. */
export function readNote(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(installRoot(), '.lockstep', name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Leaves a note in `.lockstep/` for the next start, written whole or not at all. */
export function writeNote(name: string, value: unknown): void {
  const folder = join(installRoot(), '.lockstep');
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${name}.${process.pid}`);
  writeFileSync(temporary, JSON.stringify(value, null, 2) + '\n');
  renameSync(temporary, join(folder, name));
}

/**
 * Fills a folder of the user's cache so that it appears whole or not at all: `fill` writes into a
 * temporary folder beside it, which is then renamed. Where two set-ups race, the first to finish
 * wins and both use its folder.
 */
export async function fillCacheFolder(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
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
