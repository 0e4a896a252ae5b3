import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFiles } from './data-files.js';
import { parseFileName, type NamedFile } from './file-name.js';

/** Files of one data set, perhaps not all of them. */
export interface FoundSet {
  readonly folder: string;
  /** As in the names of its files; empty where they have none. */
  readonly prefix: string;
  readonly files: Partial<DataFiles<string>>;
}

/** `MNIST/raw` below the root of torchvision is two levels down. */
export const SEARCH_DEPTH = 3;
/** A folder that holds more is no folder of data sets: it is not searched through. */
const MAX_FOLDERS = 500;

/**
 * Looks for the files of data sets in a folder and below it, the nearest first.
 *
 * @param depth how many levels below the folder are searched
 * @returns complete sets of the nearest level that has any; else incomplete ones, the fullest first
 */
export async function findSets(
  root: string,
  depth: number,
  fits: (set: FoundSet) => boolean = () => true,
): Promise<readonly FoundSet[]> {
  const incomplete: FoundSet[] = [];
  let level = [root];
  for (let at = 0; at <= depth && level.length > 0; at++) {
    const folders = await Promise.all(level.slice(0, MAX_FOLDERS).map((each) => lookInto(each)));
    const found = folders.flatMap(({ sets }) => sets).filter(fits);
    const complete = found.filter(isComplete);
    if (complete.length > 0) return complete;
    incomplete.push(...found);
    level = folders.flatMap(({ below }) => below);
  }
  const size = ({ files }: FoundSet): number => Object.keys(files).length;
  return incomplete.sort((a, b) => size(b) - size(a));
}

export function isComplete(set: FoundSet): set is FoundSet & { files: DataFiles<string> } {
  return Object.keys(set.files).length === 4;
}

interface Candidate extends NamedFile {
  readonly path: string;
}

async function lookInto(
  folder: string,
): Promise<{ readonly sets: readonly FoundSet[]; readonly below: readonly string[] }> {
  const below: string[] = [];
  const candidates: Candidate[] = [];
  for (const entry of await entriesOf(folder)) {
    const named = parseFileName(entry.name);
    const path = join(folder, entry.name);
    const kind = await kindOf(entry, path);
    if (kind === 'folder' && !isPassedOver(entry.name)) below.push(path);
    if (named === undefined || kind === 'other') continue;
    if (kind === 'file') candidates.push({ ...named, path });
    else candidates.push(...(await sameNameInside(path, named)));
  }
  return { sets: group(folder, candidates), below };
}

/** Archives are unpacked to `train-images-idx3-ubyte/train-images-idx3-ubyte`: the file inside. */
async function sameNameInside(folder: string, outer: NamedFile): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const entry of await entriesOf(folder)) {
    const inner = parseFileName(entry.name);
    const path = join(folder, entry.name);
    if (inner?.part !== outer.part || inner.prefix !== outer.prefix) continue;
    // After the files beside the folder.
    if ((await kindOf(entry, path)) === 'file')
      found.push({ ...inner, order: `9${inner.order}`, path });
  }
  return found;
}

function group(folder: string, candidates: readonly Candidate[]): readonly FoundSet[] {
  const sets = new Map<string, { prefix: string; files: Partial<DataFiles<string>> }>();
  const ordered = [...candidates].sort((a, b) => (a.order < b.order ? -1 : 1));
  for (const { prefix, part, path } of ordered) {
    const key = prefix.toLowerCase();
    const set = sets.get(key) ?? { prefix, files: {} };
    sets.set(key, { ...set, files: { [part]: path, ...set.files } });
  }
  return [...sets.values()].map((set) => ({ folder, ...set }));
}

const isPassedOver = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

/** None where the folder cannot be read. */
const entriesOf = (folder: string): Promise<Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch(() => []);

/** What an entry is, at the end of its links. */
async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  const found = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  if (found?.isFile() === true) return 'file';
  return found?.isDirectory() === true ? 'folder' : 'other';
}
