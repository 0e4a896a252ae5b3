/** A file kept open to be added to. */
export interface AppendFile {
  /** Adds bytes at the end; they survive the process's death once this returns, not the machine's. */
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
  makeFolder(path: string): Promise<void>;
  /** Names of the files in a folder; none if there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Uint8Array | undefined>;
  /** Creates or replaces a file's content; not yet safe from a crash. */
  write(path: string, chunks: readonly Uint8Array[]): Promise<void>;
  /** Creates a file that must not exist yet, else fails with `EEXIST`. */
  create(path: string, content: Uint8Array): Promise<void>;
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes created, renamed and removed names in a folder survive the machine's death. */
  syncFolder(path: string): Promise<void>;
  openAppend(path: string): AppendFile;
}

/**
 * Replaces a file as a whole: whoever reads it, after whatever crash, finds the old content or the
 * new, never a mixture. The temporary file is removed when writing it fails.
 */
export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  chunks: readonly Uint8Array[],
): Promise<void> {
  const temporary = `${folder}/.${name}.tmp`;
  try {
    await disk.write(temporary, chunks);
    await disk.sync(temporary);
    await disk.rename(temporary, `${folder}/${name}`);
  } catch (cause) {
    await disk.remove(temporary).catch(() => undefined);
    throw cause;
  }
  await disk.syncFolder(folder);
}
