import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '@lockstep/core';
import { chosenCacheFolder, foreignVariable } from './environment.js';
import { cacheBase, userCircumstances } from './user-folders.js';

const require = createRequire(import.meta.url);

/**
 * The copy of @tensorflow/tfjs-node that the published package has beside its command: its scripts
 * and C++ sources, without the install script. A clone has none.
 */
const CARRIED = fileURLToPath(new URL('tfjs-node', import.meta.url));

/** Whether this is the published package, and not a clone. */
export function isPackage(): boolean {
  return existsSync(CARRIED);
}

/** The command that sets up this installation, for messages. */
export function setUpCommand(): string {
  return isPackage() ? 'npx lockstep setup' : 'npm run setup';
}

/** The folder of @tensorflow/tfjs-node's scripts and sources. */
export function tfjsNodeFolder(): string {
  return isPackage() ? CARRIED : dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
}

/** The root of the clone: the folder whose `node_modules` holds TensorFlow.js. */
export function cloneRoot(): string {
  const folder = tfjsNodeFolder();
  return folder.slice(0, folder.indexOf(`${sep}node_modules${sep}`));
}

/**
 * The cache of downloads and native code, shared by all clones and projects of a user:
 * `LOCKSTEP_CACHE`, or usually `~/.cache/lockstep`.
 */
export function userCacheFolder(): string {
  const chosen = chosenCacheFolder();
  if (chosen !== undefined) return resolve(chosen);
  const root = isPackage() ? undefined : cloneRoot();
  const circumstances = userCircumstances(root, foreignVariable('XDG_CACHE_HOME'));
  return join(cacheBase(circumstances), 'lockstep');
}

/**
 * Where set-up leaves notes for the next start: in the clone's `.lockstep`, or, for a package, in the
 * user's cache, since nothing is written into a user's project.
 */
function noteFolder(): string {
  return isPackage() ? join(userCacheFolder(), 'set-up') : join(cloneRoot(), '.lockstep');
}

/** The file of a note. */
export function notePath(name: string): string {
  return join(noteFolder(), name);
}

/** Reads a note that an earlier set-up left; undefined if absent or incomplete. */
export function readNote(name: string): unknown {
  try {
    return JSON.parse(readFileSync(notePath(name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a note for the next start, atomically. Without it the next start repeats the check. */
export function writeNote(name: string, value: unknown): void {
  const folder = noteFolder();
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
 * Fills a folder of the user's cache, unless it exists. One process at a time does so: a second one
 * waits, and uses what the first has made. `fill` writes into a temporary folder beside it, which is
 * then renamed, so that a folder with this name is complete.
 */
export async function fillCacheFolder(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(path));
  const release = await takeTurn(path);
  try {
    if (!existsSync(path)) await fillNow(path, fill);
  } finally {
    await release();
  }
}

async function fillNow(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = mkdtempSync(`${path}.part-`);
  try {
    await fill(temporary);
    renameUnlessThere(temporary, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A holder renews its lock every two seconds; one that has not for this long has ended. */
const LOCK_STALE_MS = 20_000;
const LOCK_POLL_MS = 200;
/** Longer than the slowest download may take. */
const LOCK_POLLS = 3_600_000 / LOCK_POLL_MS;

/** Waits for the lock of a cache folder. @returns releases it */
async function takeTurn(path: string): Promise<() => Promise<void>> {
  // Loaded when it is used: it changes `fs.close` of the whole process.
  const { lock } = await import('proper-lockfile');
  return lock(path, {
    realpath: false, // the folder does not exist yet
    stale: LOCK_STALE_MS,
    update: LOCK_STALE_MS / 10,
    retries: { retries: LOCK_POLLS, factor: 1, minTimeout: LOCK_POLL_MS },
    // A process that was suspended for long: both fill a folder of their own, and the first wins.
    onCompromised: () => undefined,
  }).then((release) => () => release().catch(() => undefined));
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
