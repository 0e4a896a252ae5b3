import { messageOf } from '@lockstep/core';
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Most that are remembered; a session ends by itself after a week. */
const MOST_ENDED = 10_000;

/** A session by its id and its expiry, in milliseconds since the epoch. */
export interface SessionId {
  readonly id: string;
  readonly until: number;
}

/**
 * Sessions that were ended by logging out, until they would have expired. They are kept in a file,
 * since sessions outlive the coordinator.
 */
export class EndedSessions {
  readonly #path: string | undefined;
  readonly #most: number;
  /** Expiry by id, those that ended last at the end. */
  #ended = new Map<string, number>();

  private constructor(path: string | undefined, most: number) {
    this.#path = path;
    this.#most = most;
  }

  /**
   * @param path of the file, which need not exist; undefined: they are kept in memory only
   * @param most how many are kept
   */
  static async open(path: string | undefined, most = MOST_ENDED): Promise<EndedSessions> {
    const ended = new EndedSessions(path, most);
    await ended.#read();
    return ended;
  }

  has(id: string): boolean {
    return this.#ended.has(id);
  }

  /** Ends a session at once; a file that cannot be written is reported as a warning. */
  async add({ id, until }: SessionId): Promise<void> {
    this.#ended.set(id, until);
    this.#forget(Date.now());
    await this.#write().catch((error: unknown) => {
      const reason = messageOf(error);
      process.emitWarning(`ended sessions cannot be written: ${reason}`);
    });
  }

  async #read(): Promise<void> {
    if (this.#path === undefined) return;
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const lines = text.matchAll(/^(\d{1,16}) ([\w-]{1,64})$/gm);
    const written = Array.from(lines, ([, until, id = '']) => [id, Number(until)] as const);
    this.#ended = new Map([...written, ...this.#ended]);
  }

  async #write(): Promise<void> {
    if (this.#path === undefined) return;
    await this.#read(); // another coordinator may use the file
    this.#forget(Date.now());
    const lines = Array.from(this.#ended, ([id, until]) => `${until} ${id}\n`);
    const temporary = `${this.#path}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, lines.join(''), { mode: 0o600 });
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Forgets expired sessions, and the oldest of too many. */
  #forget(now: number): void {
    for (const [id, until] of this.#ended) if (until <= now) this.#ended.delete(id);
    const tooMany = Math.max(0, this.#ended.size - this.#most);
    for (const id of [...this.#ended.keys()].slice(0, tooMany)) this.#ended.delete(id);
  }
}
