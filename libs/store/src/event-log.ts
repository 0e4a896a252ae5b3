import { LockstepError, type RunEvent } from '@lockstep/core';
import { type AppendFile, type Disk, diskError } from './disk.js';
import { isSuperseded } from './run-lock.js';

/** The event log's name in a run's folder. */
export const EVENTS_FILE = 'events.jsonl';
const MOST_KEPT = 1_000;

/**
 * `events.jsonl`: every event of the run, one JSON object a line, with its term and its time. Events that
 * cannot be written for a passing reason, such as a full disk, are kept and written with the next one; a
 * run is paused meanwhile, so they are few. Events of a term that is over are dropped.
 */
export class EventLog {
  readonly #file: AppendFile;
  readonly #now: () => number;
  readonly #term: number;
  /** Lines that could not be written yet. */
  readonly #kept: Uint8Array[] = [];

  /** @param term of the coordinator that writes: readers drop lines of a superseded one */
  constructor(disk: Disk, now: () => number, term: number) {
    this.#file = disk.openAppend(EVENTS_FILE);
    this.#now = now;
    this.#term = term;
  }

  /** Whether events are kept that could not be written yet. */
  get isBehind(): boolean {
    return this.#kept.length > 0;
  }

  write(event: RunEvent): void {
    const line = { ...event, term: this.#term, at: this.#now() };
    this.#kept.push(Buffer.from(`${JSON.stringify(line)}\n`));
    this.#writeKept();
  }

  close(): void {
    this.#writeKept();
    this.#file.close();
  }

  #writeKept(): void {
    const kept = this.#kept;
    try {
      for (let line = kept[0]; line; line = kept[0]) {
        this.#file.append(line);
        kept.shift();
      }
    } catch (cause) {
      const error = diskError(cause, EVENTS_FILE);
      const isOver = isSuperseded(error);
      if (!isOver && !LockstepError.from(error).passing) throw error;
      kept.splice(0, isOver ? kept.length : kept.length - MOST_KEPT);
    }
  }
}
