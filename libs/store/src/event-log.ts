import { LockstepError, type RunEvent } from '@lockstep/core';
import { type AppendFile, type Disk, diskError } from './disk.js';
import { isSuperseded } from './run-lock.js';

/**
 * `events.jsonl`: every event of the run, one JSON object a line, with its term and its time. Events that
 * cannot be written for a passing reason, such as a full disk, are kept and written with the next one; a
 * run is paused meanwhile, so they are few. Events of a term that is over are dropped.
 */
export interface EventLog {
  /** Whether events are kept that could not be written yet. */
  readonly isBehind: boolean;
  write(event: RunEvent): void;
  close(): void;
}

/** The event log's name in a run's folder. */
export const EVENTS_FILE = 'events.jsonl';
const MOST_KEPT = 1_000;

/** @param term of the coordinator that writes: readers drop lines of a superseded one */
export function openEventLog(disk: Disk, now: () => number, term: number): EventLog {
  const file: AppendFile = disk.openAppend(EVENTS_FILE);
  const kept: Uint8Array[] = [];
  const writeKept = (): void => {
    try {
      for (let line = kept[0]; line; line = kept[0]) {
        file.append(line);
        kept.shift();
      }
    } catch (cause) {
      const error = diskError(cause, EVENTS_FILE);
      const isOver = isSuperseded(error);
      if (!isOver && !LockstepError.from(error).passing) throw error;
      kept.splice(0, isOver ? kept.length : kept.length - MOST_KEPT);
    }
  };
  return {
    get isBehind() {
      return kept.length > 0;
    },
    write: (event) => {
      kept.push(Buffer.from(`${JSON.stringify({ ...event, term, at: now() })}\n`));
      writeKept();
    },
    close: () => {
      writeKept();
      file.close();
    },
  };
}
