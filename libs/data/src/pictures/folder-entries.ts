import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder holds, sorted by code units: the same on every machine. */
export interface FolderEntries {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** What programs leave in folders. */
const LEFT_BEHIND = ['thumbs.db', 'ehthumbs.db', 'desktop.ini', '__macosx', '@eadir'];

/**
 * Lists a folder; links are followed, hidden entries and those that programs leave behind omitted.
 *
 * @throws the error of the file system
 */
export async function folderEntries(folder: string): Promise<FolderEntries> {
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith('.') || LEFT_BEHIND.includes(name.toLowerCase())) continue;
    const found = entry.isSymbolicLink() ? await stat(join(folder, name)) : entry;
    if (found.isDirectory()) folders.push(name);
    else if (found.isFile()) files.push(name);
  }
  return { folders: folders.sort(), files: files.sort() };
}
