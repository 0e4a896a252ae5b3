import type { RunEvent } from '@lockstep/core';
import type { AppendFile, Disk } from './store/disk.js';

/** `events.jsonl`: every event of the run, one JSON object a line, with its time. */
export interface EventLog {
  write(event: RunEvent): void;
  close(): void;
}

const FILE = 'events.jsonl';

export function openEventLog(disk: Disk, now: () => number): EventLog {
  const file: AppendFile = disk.openAppend(FILE);
  return {
    write: (event) => file.append(Buffer.from(`${JSON.stringify({ ...event, at: now() })}\n`)),
    close: () => file.close(),
  };
}
