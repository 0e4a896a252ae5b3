import type { WorkerEvent } from '../worker-options.js';

/** Whether a worker is ready, and why. */
export interface Readiness {
  readonly ready: boolean;
  readonly reason: string;
}

export const loading: Readiness = { ready: false, reason: 'it has not joined a run yet' };

/**
 * The readiness after an event. A worker is ready while it takes shards, and when its run has ended; not
 * while it loads, waits for a dependency, is disconnected from the coordinator, or leaves. Losing Redis
 * later does not matter: the worker reconnects.
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
