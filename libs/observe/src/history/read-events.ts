import { createReadStream, openSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { printable, shortened, type RunEvent } from '@lockstep/core';
import { runEvent } from '../events/schemas.js';

/** An event and its time, in milliseconds since the epoch. */
export interface TimedEvent {
  readonly at: number;
  readonly event: RunEvent;
}

/** A line's term; that of a `run-started` is a field of the event itself. */
const TERM = /"term":(\d+),"at":[\d.]+}$/;
const STARTED = /^{"event":"run-started".*?"term":(\d+)/;

/** Recognises the lines of a coordinator that a later one had superseded when it wrote them. */
export class NewestTerm {
  #term = 0;

  /** Whether a line is of a term before that of the last `run-started`; one without a term never is. */
  isOver(line: string): boolean {
    const started = STARTED.exec(line)?.[1];
    const term = Number(started ?? TERM.exec(line)?.[1] ?? this.#term);
    if (term < this.#term) return true;
    if (started !== undefined) this.#term = term;
    return false;
  }
}

/** The length of a file in bytes; 0 where it does not exist. */
export function lengthOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The lines in a file's first bytes. The file is opened in the turn of the event loop in which the
 * first line is requested: it may be replaced afterwards.
 */
export async function* readLines(path: string, bytes: number): AsyncGenerator<string> {
  if (bytes === 0) return;
  const input = createReadStream(path, { fd: openSync(path, 'r'), start: 0, end: bytes - 1 });
  yield* createInterface({ input, crlfDelay: Infinity });
}

/**
 * The events in the first bytes of an `events.jsonl`, without those of a superseded coordinator.
 *
 * @param skip called for each line without a valid event, such as one torn by a crash
 */
export async function* readEvents(
  path: string,
  bytes: number,
  skip: () => void,
): AsyncGenerator<TimedEvent> {
  const newest = new NewestTerm();
  for await (const line of readLines(path, bytes)) {
    if (newest.isOver(line)) continue;
    const event = parseEventLine(line);
    if (event) yield event;
    else skip();
  }
}

/** Most characters of a text, in a line that may hold anything. */
const LONGEST_TEXT = 2_000;
/** Lines longer than this, or with characters that JSON escapes, hold texts that are to be cleaned. */
const USUAL_LENGTH = 2_000;
const ESCAPED = /\\[bfnrtu]|[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/**
 * The event of a line; undefined for a line without a valid one. A file may be of an earlier version,
 * which wrote what workers sent: its texts become printable, and an event whose figures cannot be
 * shown is no valid one.
 */
export function parseEventLine(line: string): TimedEvent | undefined {
  const parsed = runEvent.safeParse(valueOf(line));
  if (!parsed.success) return undefined;
  const { at, ...event } = parsed.data;
  return { at, event };
}

function valueOf(line: string): unknown {
  const isPlain = line.length <= USUAL_LENGTH && !ESCAPED.test(line);
  try {
    return isPlain ? JSON.parse(line) : JSON.parse(line, cleaned);
  } catch {
    return undefined;
  }
}

function cleaned(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? printable(shortened(value, LONGEST_TEXT)) : value;
}
