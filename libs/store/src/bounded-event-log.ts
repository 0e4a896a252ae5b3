import type { RunEvent } from '@lockstep/core';
import { EventCompactor } from './compact-events.js';
import { replaceFile, type Disk } from './disk.js';
import { EVENTS_FILE, type EventLog } from './event-log.js';

/** A run of 400,000 steps has as much. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Lines that are compacted without letting other work pass. */
const LINES_AT_ONCE = 5_000;

/**
 * An event log that stays below a size: whatever has grown beyond it is compacted. Events that come
 * meanwhile are kept and written afterwards.
 */
export class BoundedEventLog {
  readonly #disk: Disk;
  readonly #open: () => EventLog;
  readonly #mostBytes: number;
  #log: EventLog;
  /** Length of the file, approximately. */
  #bytes: number;
  /** The length from which it is compacted. */
  #limit: number;
  #compacting: Promise<void> | undefined;
  #waiting: RunEvent[] = [];

  private constructor(disk: Disk, open: () => EventLog, bytes: number, mostBytes: number) {
    this.#disk = disk;
    this.#open = open;
    this.#mostBytes = mostBytes;
    this.#log = open();
    this.#bytes = bytes;
    this.#limit = mostBytes;
  }

  /** @param open opens the log's file to be added to */
  static async open(
    disk: Disk,
    open: () => EventLog,
    mostBytes = MOST_BYTES,
  ): Promise<BoundedEventLog> {
    const before = await disk.read(EVENTS_FILE);
    return new BoundedEventLog(disk, open, before?.byteLength ?? 0, mostBytes);
  }

  write(event: RunEvent): void {
    if (this.#compacting) return void this.#waiting.push(event);
    this.#log.write(event);
    this.#bytes += JSON.stringify(event).length;
    if (this.#bytes > this.#limit && !this.#log.isBehind) this.#compacting = this.#compact();
  }

  /** Resolves once all events are written. */
  async close(): Promise<void> {
    await this.#compacting;
    this.#log.close();
  }

  /** Never rejects: a log that cannot be replaced, for example on a full disk, grows further. */
  async #compact(): Promise<void> {
    this.#log.close();
    this.#bytes = await compactFile(this.#disk).catch(() => this.#bytes);
    // What is needed may be longer than the limit; a file that was not replaced is tried again later.
    this.#limit = Math.max(this.#mostBytes, 2 * this.#bytes);
    this.#log = this.#open();
    this.#compacting = undefined;
    for (const event of this.#waiting.splice(0)) this.write(event);
  }
}

/** @returns the file's new length */
async function compactFile(disk: Disk): Promise<number> {
  const compactor = new EventCompactor();
  let count = 0;
  for (const line of linesOf((await disk.read(EVENTS_FILE)) ?? new Uint8Array())) {
    compactor.add(line);
    count += 1;
    if (count % LINES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const text = Buffer.from(
    compactor
      .lines()
      .map((line) => `${line}\n`)
      .join(''),
  );
  await replaceFile(disk, '.', EVENTS_FILE, [text]);
  return text.byteLength;
}

function* linesOf(bytes: Uint8Array): Generator<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let from = 0; from < buffer.length;) {
    const end = buffer.indexOf(10, from);
    const to = end === -1 ? buffer.length : end;
    yield buffer.toString('utf8', from, to);
    from = to + 1;
  }
}
