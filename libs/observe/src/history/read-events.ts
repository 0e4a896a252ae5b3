import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RunEvent } from '@lockstep/core';

/** An event and its time, in milliseconds since the epoch. */
export interface TimedEvent {
  readonly at: number;
  readonly event: RunEvent;
}

/** The length of a file in bytes; 0 where it does not exist. */
export function lengthOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The lines in a file's first bytes. */
export async function* readLines(path: string, bytes: number): AsyncGenerator<string> {
  if (bytes === 0) return;
  const input = createReadStream(path, { end: bytes - 1 });
  yield* createInterface({ input, crlfDelay: Infinity });
}

/** The events in the first bytes of an `events.jsonl`; a line torn by a crash is skipped. */
export async function* readEvents(path: string, bytes: number): AsyncGenerator<TimedEvent> {
  for await (const line of readLines(path, bytes)) {
    const event = parseEventLine(line);
    if (event) yield event;
  }
}

/** The event of a line; undefined for a line without one. */
export function parseEventLine(line: string): TimedEvent | undefined {
  try {
    const { at, ...event } = JSON.parse(line) as RunEvent & { at: unknown };
    const isEvent = typeof at === 'number' && typeof event.event === 'string';
    return isEvent ? { at, event: event } : undefined;
  } catch {
    return undefined;
  }
}
