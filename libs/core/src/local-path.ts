import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
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
