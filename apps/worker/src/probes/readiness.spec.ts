import { describe, expect, it } from 'vitest';
import type { WorkerEvent } from '../worker-options.js';
import { loading, readinessAfter } from './readiness.js';

const after = (...events: WorkerEvent[]) => events.reduce(readinessAfter, loading);

const joined: WorkerEvent = { what: 'joined', worker: 'w', runId: 'run', term: 1 };
const ready: WorkerEvent = { what: 'ready', version: 3 };

describe('a worker', () => {
  it('is ready once it takes shards, and not before', () => {
    expect(after().ready).toBe(false);
    expect(after(joined).ready).toBe(false);
    expect(after(joined, ready)).toEqual({
      ready: true,
      reason: 'it takes shards from version 3 on',
    });
  });

  it('is not while it is cut off or leaves, whatever else it says', () => {
    expect(after(joined, ready, { what: 'disconnected', reason: 'the stream broke' })).toEqual({
      ready: false,
      reason: 'the stream broke',
    });
    const memory: WorkerEvent = { what: 'memory', tensors: 7 };
    expect(after(joined, ready, { what: 'draining', reason: 'asked to' }, memory).ready).toBe(
      false,
    );
  });

  it('is when its run has ended and it waits for the next', () => {
    expect(after(joined, ready, { what: 'idle', reason: 'the run has finished' }).ready).toBe(true);
  });
});
