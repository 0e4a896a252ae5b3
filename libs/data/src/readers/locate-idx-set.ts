import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { localPath, LockstepError } from '@lockstep/core';
import { setOf, type IdxSet } from './data-files.js';
import { setByContent } from './idx-by-content.js';
import { locateFiles } from './locate-files.js';

/** The idx files of a data set, and what it is called. */
export interface LocatedIdxSet {
  readonly name: string;
  readonly paths: IdxSet<string>;
}

/**
 * Finds the idx files of a data set: by the usual names, see `locateFiles`, else by the content of the files
 * in the folder. A folder without test files has the training files only.
 *
 * @throws LockstepError `data-not-found`, saying what is missing, or `data-invalid`
 */
export async function locateIdxSet(given: string): Promise<LocatedIdxSet> {
  const path = localPath(given);
  try {
    const { name, files } = await locateFiles(path);
    return { name, paths: setOf(files) };
  } catch (error) {
    const folder = error instanceof LockstepError ? await folderAt(path) : undefined;
    const paths = folder === undefined ? undefined : await setByContent(folder);
    if (folder === undefined || paths === undefined) throw error;
    return { name: basename(folder), paths };
  }
}

/** The folder at a path, or of the file there. */
async function folderAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? path : dirname(path);
}
