import { closeSync, fstatSync, fsync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '@lockstep/core';
import { errorCodeOf, type AppendFile, type Disk } from './disk.js';

const syncDescriptor = promisify(fsync);

/** The real file system below one folder. */
export function nodeDisk(root: string): Disk {
  const at = (path: string): string => join(root, path);
  return {
    makeFolder: async (path) => {
      // Every folder made is a name in the one above it.
      for (const made of await makeFolder(at(path))) await syncPath(dirname(made));
    },
    list: (path) => readdir(at(path)).catch(absent([])),
    read: (path) => readFile(at(path)).catch(absent(undefined)),
    has: (path) => statSync(at(path), { throwIfNoEntry: false }) !== undefined,
    identity: async (folder) => String((await stat(at(folder), { bigint: true })).ino),
    write: async (path, chunks) => {
      const file = await open(at(path), 'w');
      try {
        for (const chunk of chunks) await file.writeFile(chunk);
      } finally {
        await file.close();
      }
    },
    create: (path, content) => writeFile(at(path), content, { flag: 'wx' }),
    sync: (path) => syncPath(at(path)),
    rename: (from, to) => rename(at(from), at(to)),
    remove: (path) => rm(at(path), { force: true }),
    syncFolder: (path) => syncPath(at(path)),
    openAppend: (path) => nodeAppendFile(at(path)),
  };
}

function nodeAppendFile(path: string): AppendFile {
  const descriptor = openSync(path, 'a');
  /** Where the file must end, while bytes of an append that failed may still follow. */
  let end: number | undefined;
  const dropTorn = (): void => {
    if (end !== undefined) ftruncateSync(descriptor, end);
    end = undefined;
  };
  return {
    append: (bytes) => {
      dropTorn();
      let written = 0;
      try {
        while (written < bytes.byteLength) written += writeSync(descriptor, bytes, written);
      } catch (error) {
        if (written === 0) throw error;
        end = fstatSync(descriptor).size - written;
        dropTorn();
        throw error;
      }
    },
    sync: () => syncDescriptor(descriptor),
    close: () => closeSync(descriptor),
  };
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function absent<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (errorCodeOf(error) === 'ENOENT') return value;
    throw error;
  };
}
