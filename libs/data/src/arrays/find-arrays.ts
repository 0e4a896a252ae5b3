import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, parse } from 'node:path';
import { localPath, LockstepError, messageOf } from '@lockstep/core';
import { firstBytes } from '../readers/first-bytes.js';
import type { NamedArray } from './named-array.js';
import { isZip, npzArrays } from './npz-entries.js';
import { readNpy } from './read-npy.js';

/** Arrays of one place, and what the data set is called. */
export interface FoundArrays {
  readonly name: string;
  /** The file or folder, for messages. */
  readonly place: string;
  /** In the order of their names (code units). */
  readonly arrays: readonly NamedArray[];
}

/** Whether a path is a .npz or .npy file, or a folder with one. */
export async function holdsArrays(path: string): Promise<boolean> {
  const entries: string[] | undefined = await readdir(path).catch(() => undefined);
  if (entries) return entries.some((name) => isNamed(name, '.npy') || isNamed(name, '.npz'));
  if (isNamed(path, '.npy') || isNamed(path, '.npz')) return true;
  const head = await firstBytes(path).catch(() => new Uint8Array());
  return isZip(head) && firstEntry(head).endsWith('.npy');
}

/**
 * Finds arrays: those of a .npz file, or the .npy files of a folder. One .npy file stands for its folder.
 *
 * @throws LockstepError `data-not-found` or `data-damaged`
 */
export async function findArrays(given: string): Promise<FoundArrays> {
  const path = localPath(given);
  const found = await stat(path).catch((cause: unknown) => {
    throw notFound(`${path} cannot be read: ${messageOf(cause)}`, 'Check the path.', cause);
  });
  if (found.isDirectory()) return arraysIn(path);
  if (isNamed(path, '.npy')) return arraysIn(dirname(path));
  return { name: parse(path).name, place: path, arrays: byName(await npzArrays(path)) };
}

async function arraysIn(folder: string): Promise<FoundArrays> {
  const entries = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const name = basename(folder);
  const files = entries.filter((entry) => isNamed(entry, '.npy'));
  if (files.length > 0) {
    return {
      name,
      place: folder,
      arrays: byName(files.map((file) => npyFile(join(folder, file)))),
    };
  }
  const archives = entries.filter((entry) => isNamed(entry, '.npz')).sort();
  const [archive] = archives;
  if (archives.length === 1) {
    return { ...(await findArrays(join(folder, archive))), name };
  }
  throw notFound(
    `${folder} holds ${archives.length} .npz files: ${archives.join(', ')}`,
    `Name one of them: --data ${join(folder, archive)}`,
  );
}

const isNamed = (path: string, extension: string): boolean =>
  extname(path).toLowerCase() === extension;

const byName = (arrays: readonly NamedArray[]): readonly NamedArray[] =>
  [...arrays].sort((a, b) => (a.name < b.name ? -1 : 1));

function npyFile(path: string): NamedArray {
  return {
    name: parse(path).name,
    place: path,
    read: async () => {
      const { size } = await stat(path).catch((cause: unknown) => {
        throw notFound(`${path} cannot be read: ${messageOf(cause)}`, 'Check the path.', cause);
      });
      return readNpy({ chunks: createReadStream(path), byteLength: size, place: path });
    },
  };
}

/** The name of a ZIP archive's first file, from its local header. */
function firstEntry(head: Uint8Array): string {
  const bytes = Buffer.from(head);
  return bytes.length < 30 ? '' : bytes.toString('latin1', 30, 30 + bytes.readUInt16LE(26));
}

function notFound(message: string, remedy: string, cause?: unknown): LockstepError {
  return new LockstepError('data-not-found', message, { remedy, cause });
}
