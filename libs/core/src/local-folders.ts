import { lstat, mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The absolute path of a file or folder that an option names: relative to the working folder, below
 * the home folder (`~/…`, which a shell expands only at the beginning of a word), or a `file:` URL.
 */
export function localPath(given: string): string {
  if (/^file:\/\//i.test(given) && URL.canParse(given)) return fromFileUrl(given);
  if (given === '~' || given.startsWith('~/')) return join(homedir(), given.slice(1));
  return resolve(given);
}

/** A URL of another machine, or with an encoded slash, names no local file: it is kept as it is. */
function fromFileUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return resolve(url);
  }
}

/**
 * Makes a folder and those above it, one by one: Node's recursive `mkdir` never returns where the
 * file system answers ENOENT for a name below a folder that exists, as `/proc` does, and a thread
 * that it keeps busy cannot be ended.
 *
 * @returns the folders made, the outermost first
 * @throws the error of the file system, ENOTDIR where a part of the path is no folder
 */
export async function makeFolder(path: string, mode?: number): Promise<readonly string[]> {
  const missing = await missingFolders(path);
  for (const folder of missing) {
    await mkdir(folder, mode).catch(async (error: unknown) => {
      // Another process may have made it meanwhile.
      if (!(await isFolder(folder))) throw error;
    });
  }
  return missing;
}

/**
 * Finds out whether `makeFolder` would succeed and files could be made there, by making a folder
 * in the nearest folder that exists, and removing it: permissions alone do not tell, since file
 * systems are mounted read-only and root passes every check of permissions.
 *
 * @throws the error of the file system
 */
export async function probeFolder(path: string): Promise<void> {
  const [outermost = join(resolve(path), 'x')] = await missingFolders(path);
  await rmdir(await mkdtemp(join(dirname(outermost), '.lockstep-')));
}

async function missingFolders(path: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isFolder(at)); at = dirname(at)) missing.unshift(at);
  return missing;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(unlessMissing);
  if (found?.isDirectory()) return true;
  if (found) throw refusal('ENOTDIR', path);
  // A link that leads nowhere.
  if (await lstat(path).catch(unlessMissing)) throw refusal('EEXIST', path);
  return false;
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
  throw error;
}

function refusal(code: 'ENOTDIR' | 'EEXIST', path: string): Error {
  return Object.assign(new Error(`${code}, mkdir '${path}'`), { code, syscall: 'mkdir', path });
}
