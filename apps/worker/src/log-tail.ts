import type { LogLine } from '@lockstep/protocol';
import type { WorkerEvent } from './worker-options.js';

const MOST_KEPT = 200;
const MOST_AT_ONCE = 25;
const LONGEST_TEXT = 500;

/** The newest lines of a worker's log, which go to the coordinator with its heartbeats. */
export class LogTail {
  readonly #now: () => number;
  readonly #lines: LogLine[] = [];
  #lastNumber = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(event: WorkerEvent): void {
    if (isDetail(event)) return;
    this.#lastNumber += 1;
    const text = textOf(event).slice(0, LONGEST_TEXT);
    const line = { number: this.#lastNumber, at: this.#now(), warning: isTrouble(event), text };
    this.#lines.push(line);
    if (this.#lines.length > MOST_KEPT) this.#lines.shift();
  }

  /** The lines after one, the oldest first, no more than one heartbeat should carry. */
  after(number: number): readonly LogLine[] {
    return this.#lines.filter((line) => line.number > number).slice(0, MOST_AT_ONCE);
  }
}

/** Whether an event is a warning. */
export function isTrouble(event: WorkerEvent): boolean {
  if (['warning', 'redis-lost'].includes(event.what)) return true;
  // `late`: another worker was faster, which is normal when a straggler's shard is reissued.
  return event.what === 'refused-contribution' && event.verdict !== 'late';
}

/** Whether an event occurs with every shard or heartbeat: for metrics and debug logs. */
export function isDetail(event: WorkerEvent): event is DetailEvent {
  return event.what === 'contributed' || event.what === 'memory';
}

type DetailEvent = Extract<WorkerEvent, { what: 'contributed' | 'memory' }>;

function textOf(event: Exclude<WorkerEvent, DetailEvent>): string {
  switch (event.what) {
    case 'listening':
      return `listening at ${event.http}`;
    case 'idle':
      return `waiting: ${event.reason}`;
    case 'joined':
      return `joined run ${event.runId} as ${event.worker}, term ${event.term}`;
    case 'ready':
      return `ready, with version ${event.version}`;
    case 'disconnected':
      return `disconnected: ${event.reason}`;
    case 'waiting':
      return `waiting: ${event.reason}`;
    case 'redis-lost':
      return `Redis is lost: ${event.reason}`;
    case 'redis-back':
      return 'Redis is back';
    case 'refused-contribution':
      return `step ${event.step} shard ${event.index} did not count, ${event.verdict}: ${event.reason}`;
    case 'draining':
      return `leaving: ${event.reason}`;
    case 'warning':
      return `warning: ${event.reason}`;
  }
}
