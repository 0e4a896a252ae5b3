import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { RunEvent } from '@lockstep/core';
import type { EventFeed } from '../event-feed.js';
import { createKeptSteps } from './kept-steps.js';
import type { CheckpointRow, Evaluated, StepRow } from './schemas.js';

/** An event and when it was, in milliseconds since the epoch. */
export interface TimedEvent {
  readonly at: number;
  readonly event: RunEvent;
}

/** A run's past, from its first step on, however many coordinators have led it. */
export interface RunHistory {
  /** In step order; a long run's are thinned out evenly. */
  readonly steps: readonly StepRow[];
  readonly lastStep: StepRow | undefined;
  readonly lastTrainAccuracy: number | undefined;
  readonly evaluations: readonly Evaluated[];
  readonly checkpoints: readonly Omit<CheckpointRow, 'kept'>[];
  close(): void;
}

/**
 * Reads `events.jsonl` as it is now, and follows the feed from then on. No event is missed or seen
 * twice: the file's length and the subscription are taken in one turn of the event loop, and each
 * event is written and fed in one.
 *
 * @param observe told of every event, old and new, in order
 */
export async function loadRunHistory(
  path: string,
  feed: EventFeed,
  observe: (event: TimedEvent) => void,
): Promise<RunHistory> {
  const steps = createKeptSteps();
  const evaluations = new Map<number, Evaluated>();
  const checkpoints = new Map<number, Omit<CheckpointRow, 'kept'>>();
  const take = ({ at, event }: TimedEvent): void => {
    if (event.event === 'step') {
      const { event: _name, ...row } = event;
      steps.add({ ...row, at });
    } else if (event.event === 'evaluation') {
      const { step, testAccuracy, testLoss } = event;
      evaluations.set(step, { step, testAccuracy, testLoss, at });
    } else if (event.event === 'checkpoint') {
      const { step: version, bytes, milliseconds } = event;
      checkpoints.set(version, { version, bytes, milliseconds, at });
    }
    observe({ at, event });
  };
  const waiting: TimedEvent[] = [];
  let deliver: (event: TimedEvent) => void = (event) => waiting.push(event);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const close = feed.subscribe((entry) => deliver(entry));
  for await (const event of readEvents(path, size)) take(event);
  for (const event of waiting) take(event);
  deliver = take;
  return {
    get steps() {
      return steps.rows;
    },
    get lastStep() {
      return steps.last;
    },
    get lastTrainAccuracy() {
      return steps.lastTrainAccuracy;
    },
    get evaluations() {
      return [...evaluations.values()].sort((a, b) => a.step - b.step);
    },
    get checkpoints() {
      return [...checkpoints.values()].sort((a, b) => a.version - b.version);
    },
    close,
  };
}

/** The events in a file's first bytes; a line torn by a crash is passed over. */
async function* readEvents(path: string, bytes: number): AsyncGenerator<TimedEvent> {
  if (bytes === 0) return;
  const input = createReadStream(path, { end: bytes - 1 });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const event = parseLine(line);
    if (event) yield event;
  }
}

function parseLine(line: string): TimedEvent | undefined {
  try {
    const { at, ...event } = JSON.parse(line) as RunEvent & { at: unknown };
    const sound = typeof at === 'number' && typeof event.event === 'string';
    return sound ? { at, event: event } : undefined;
  } catch {
    return undefined;
  }
}
