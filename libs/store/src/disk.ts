import { randomUUID } from 'node:crypto';
import { LockstepError } from '@lockstep/core';

/** A file kept open to be added to. */
export interface AppendFile {
  /**
   * Adds bytes at the end; they survive the process's death once this returns, not the machine's.
   * Where there is no room for all of them, none is added.
   */
  append(bytes: Uint8Array): void;
  /** Makes what was added survive the machine's death. */
  sync(): Promise<void>;
  close(): void;
}

/**
 * What the run's folder needs of a file system, one system call a method, so that a crash between
 * any two of them can be played through. Paths are relative to the run's folder. Errors are those
 * of Node's `fs`, `ENOSPC` among them.
 */
export interface Disk {
  /** Creates a folder that survives the machine's death; does nothing if it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names of the files in a folder; none if there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array | undefined>;
  /** Whether a file is there; synchronous, so that nothing happens between this and an append. */
  has(path: string): boolean;
  /** Differs between a folder and its copy, and is the same from whichever host it is read. */
  identity(folder: string): Promise<string>;
  /** Creates or replaces a file's content; not yet safe from a crash. */
  write(path: string, chunks: readonly Uint8Array[]): Promise<void>;
  /** Creates a file that must not exist yet, else fails with `EEXIST`. */
  create(path: string, content: Uint8Array): Promise<void>;
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; does nothing if it is not there. */
  remove(path: string): Promise<void>;
  /** Makes created, renamed and removed names in a folder survive the machine's death. */
  syncFolder(path: string): Promise<void>;
  openAppend(path: string): AppendFile;
}

const TEMPORARY = /^\..+\.tmp$/;

/**
 * Replaces a file as a whole: a reader finds, after any crash, the old content or the
 * new, never a mixture. The temporary file has a name of its own, since a forgotten coordinator may
 * write the same file at the same time, and is removed when writing it fails.
 *
 * @throws LockstepError `disk-full` or `disk-failed`
 */
export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  chunks: readonly Uint8Array[],
): Promise<void> {
  const temporary = `${folder}/.${name}.${randomUUID()}.tmp`;
  try {
    await disk.write(temporary, chunks);
    await disk.sync(temporary);
    await disk.rename(temporary, `${folder}/${name}`);
  } catch (cause) {
    await disk.remove(temporary).catch(() => undefined);
    throw diskError(cause, name);
  }
  await disk.syncFolder(folder);
}

/** Removes the temporary files that a crash has left in a folder. */
export async function removeLeftovers(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (TEMPORARY.test(name)) await disk.remove(`${folder}/${name}`);
  }
}

/** Explains why a file of a run cannot be written; other errors stay as they are. */
export function diskError(cause: unknown, name: string): unknown {
  return LockstepError.fromSystem(cause, { what: `${name} cannot be written`, atWork: true });
}

/** `ENOSPC`, `EEXIST` and the like, of an error of Node's `fs`. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Whether a write found no space on the disk. */
export function isFull(error: unknown): boolean {
  return error instanceof LockstepError && error.code === 'disk-full';
}
