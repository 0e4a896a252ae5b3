import type { WorkerEvent } from '../worker-options.js';

/** Whether a worker does what it is there for, in words. */
export interface Readiness {
  readonly ready: boolean;
  readonly reason: string;
}

export const loading: Readiness = { ready: false, reason: 'it has not joined a run yet' };

/**
 * What an event makes of it. A worker is ready when it takes shards, and when there are none to take
 * because its run has ended; not while it loads, waits for what it depends on, is cut off from the
 * coordinator, or leaves. Losing Redis later plays no part: a worker reconnects by itself.
 */
export function readinessAfter(before: Readiness, event: WorkerEvent): Readiness {
  switch (event.what) {
    case 'joined':
      return { ready: false, reason: `it joins run ${event.runId}` };
    case 'ready':
      return { ready: true, reason: `it takes shards from version ${event.version} on` };
    case 'idle':
      return { ready: true, reason: event.reason };
    case 'disconnected':
    case 'waiting':
    case 'draining':
      return { ready: false, reason: event.reason };
    default:
      return before;
  }
}
