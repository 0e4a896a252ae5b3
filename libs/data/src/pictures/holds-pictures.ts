import { join } from 'node:path';
import { describeContent } from '../readers/describe-content.js';
import { firstBytes } from '../readers/first-bytes.js';
import { folderEntries } from './folder-entries.js';

/** `FOLDER/train/CLASS`. */
const DEPTH = 2;
/** So many files of a folder are examined. */
const FILES_PER_FOLDER = 3;
/** So many files in all: a folder may hold anything. */
const MOST_FILES = 300;

/** Whether a folder holds pictures, by the content of some files in it and below it. Never throws. */
export async function holdsPictures(folder: string): Promise<boolean> {
  let examined = 0;
  const search = async (at: string, depth: number): Promise<boolean> => {
    const none = { folders: [], files: [] };
    const { folders, files } = await folderEntries(at).catch(() => none);
    for (const name of files.slice(0, FILES_PER_FOLDER)) {
      if (++examined > MOST_FILES) return false;
      if (await isPicture(join(at, name))) return true;
    }
    if (depth === 0) return false;
    for (const name of folders) {
      if (await search(join(at, name), depth - 1)) return true;
      if (examined > MOST_FILES) return false;
    }
    return false;
  };
  return search(folder, DEPTH);
}

async function isPicture(path: string): Promise<boolean> {
  const head = await firstBytes(path).catch(() => new Uint8Array());
  return (await describeContent(head)).kind === 'picture';
}
