import { closeSync, fsync, openSync, writeSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AppendFile, Disk } from './disk.js';

const syncDescriptor = promisify(fsync);

/** The real file system below one folder. */
export function nodeDisk(root: string): Disk {
  const at = (path: string): string => join(root, path);
  return {
    makeFolder: async (path) => {
      await mkdir(at(path), { recursive: true });
    },
    list: (path) => readdir(at(path)).catch(absent([])),
    read: (path) => readFile(at(path)).catch(absent(undefined)),
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
  return {
    append: (bytes) => {
      for (let written = 0; written < bytes.byteLength;) {
        written += writeSync(descriptor, bytes, written);
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

function absent<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
