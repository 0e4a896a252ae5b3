import type { RunEvent } from '@lockstep/core';
import { type AppendFile, type Disk, diskError, isFull } from './disk.js';

/**
 * `events.jsonl`: every event of the run, one JSON object a line, with its time. Events that find no
 * room on the disk are kept and written with the next one; a run is paused meanwhile, so they are few.
 */
export interface EventLog {
  write(event: RunEvent): void;
  close(): void;
}

const FILE = 'events.jsonl';
const MOST_KEPT = 1_000;

export function openEventLog(disk: Disk, now: () => number): EventLog {
  const file: AppendFile = disk.openAppend(FILE);
  const kept: Uint8Array[] = [];
  const writeKept = (): void => {
    try {
      for (let line = kept[0]; line; line = kept[0]) {
        file.append(line);
        kept.shift();
      }
    } catch (cause) {
      const error = diskError(cause, FILE);
      if (!isFull(error)) throw error;
      kept.splice(0, kept.length - MOST_KEPT);
    }
  };
  return {
    write: (event) => {
      kept.push(Buffer.from(`${JSON.stringify({ ...event, at: now() })}\n`));
      writeKept();
    },
    close: () => {
      writeKept();
      file.close();
    },
  };
}
