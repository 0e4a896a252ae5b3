import type { AppendFile, Disk } from './disk.js';
import type { RunLock } from './run-lock.js';

/**
 * The disk of a run that is being led: changes nothing once a later term has taken over. Every writer
 * of the run gets this disk instead of the one below it.
 *
 * The check and the change are two system calls, so a process suspended between them could still
 * complete one change. A successor makes the important ones fail: it removes the temporary files that
 * a replacement would rename, and replaces the ledger by a copy. Lines of the event log carry the term.
 */
export class FencedDisk implements Disk {
  readonly #disk: Disk;
  readonly #lock: Pick<RunLock, 'term' | 'mustHold' | 'mustHoldNow'>;

  constructor(disk: Disk, lock: Pick<RunLock, 'term' | 'mustHold' | 'mustHoldNow'>) {
    this.#disk = disk;
    this.#lock = lock;
  }

  /** The term that writes. */
  get term(): number {
    return this.#lock.term;
  }

  makeFolder(path: string): Promise<void> {
    return this.#change(() => this.#disk.makeFolder(path));
  }

  list(path: string): Promise<readonly string[]> {
    return this.#disk.list(path);
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.#disk.read(path);
  }

  has(path: string): boolean {
    return this.#disk.has(path);
  }

  identity(folder: string): Promise<string> {
    return this.#disk.identity(folder);
  }

  write(path: string, chunks: readonly Uint8Array[]): Promise<void> {
    return this.#change(() => this.#disk.write(path, chunks));
  }

  create(path: string, content: Uint8Array): Promise<void> {
    return this.#change(() => this.#disk.create(path, content));
  }

  sync(path: string): Promise<void> {
    return this.#change(() => this.#disk.sync(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(() => this.#disk.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#change(() => this.#disk.remove(path));
  }

  syncFolder(path: string): Promise<void> {
    return this.#change(() => this.#disk.syncFolder(path));
  }

  openAppend(path: string): AppendFile {
    this.#lock.mustHoldNow();
    const file = this.#disk.openAppend(path);
    return {
      append: (bytes) => {
        this.#lock.mustHoldNow();
        file.append(bytes);
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }

  async #change(change: () => Promise<void>): Promise<void> {
    await this.#lock.mustHold();
    try {
      await change();
    } catch (error) {
      this.#lock.mustHoldNow(); // a later term may have removed the file meanwhile
      throw error;
    }
  }
}
