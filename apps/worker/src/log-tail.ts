import type { LogLine } from '@lockstep/protocol';
import type { WorkerEvent } from './worker-options.js';

/** The newest lines of a worker's log, kept for whoever coordinates it. */
export interface LogTail {
  add(event: WorkerEvent): void;
  /** Those after a line, the oldest first: no more than one heartbeat should carry. */
  after(number: number): readonly LogLine[];
}

const MOST_KEPT = 200;
const MOST_AT_ONCE = 25;
const LONGEST_TEXT = 500;

/** @param now milliseconds since the epoch */
export function createLogTail(now: () => number): LogTail {
  const lines: LogLine[] = [];
  let last = 0;
  return {
    add: (event) => {
      if (isDetail(event)) return;
      last += 1;
      const text = textOf(event).slice(0, LONGEST_TEXT);
      lines.push({ number: last, at: now(), warning: isTrouble(event), text });
      if (lines.length > MOST_KEPT) lines.shift();
    },
    after: (number) => lines.filter((line) => line.number > number).slice(0, MOST_AT_ONCE),
  };
}

/** Whether somebody should look into it. */
export function isTrouble(event: WorkerEvent): boolean {
  if (['trouble', 'redis-lost'].includes(event.what)) return true;
  // Somebody else was quicker: that is how stragglers are dealt with, and no trouble.
  return event.what === 'refused-contribution' && event.verdict !== 'late';
}

/** Whether it happens with every shard or heartbeat: for metrics, and for whoever looks for a fault. */
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
      return `joined run ${event.runId}, term ${event.term}`;
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
    case 'trouble':
      return `trouble: ${event.reason}`;
  }
}
