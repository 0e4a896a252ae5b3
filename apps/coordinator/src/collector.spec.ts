import { defaultMachineOptions, type Contribution } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { createCollector, type Collector } from './collector.js';

const shard = (index: number) => ({ step: 1, index, firstSample: index, sampleCount: 1 });
const contribution = (index: number, sha256: string): Contribution => ({
  ...{ runId: 'r', term: 1, step: 1, index, attempt: 1, workerId: 'a', sha256 },
  ...{ sampleCount: 1, lossSum: 0, correctCount: 1, factoredSha256: '' },
  payload: { factored: new Uint8Array(0), dense: new Uint8Array(4) },
});

function collector(enqueue: () => Promise<void> = () => Promise.resolve()): Collector {
  const created = createCollector(
    { runId: 'r', term: 1, committedStep: 0 },
    defaultMachineOptions,
    {
      ...{ now: () => 0, enqueue, enqueueAgain: enqueue, queueLost: () => undefined },
      queueBack: () => new Promise(() => undefined),
      ...{ conditionChanged: () => undefined, workerLost: () => undefined },
      ...{ quarantined: () => undefined, failed: () => undefined },
    },
  );
  created.tell({ type: 'worker-joined', worker: 'a' });
  created.tell({ type: 'worker-heard', worker: 'a', ready: true });
  return created;
}

describe('the collector', () => {
  it('gives the counted contributions in shard order, also where two have equal bytes', async () => {
    const { collect, offer } = collector();
    const collected = collect(1, [shard(0), shard(1), shard(2)]);
    expect(offer(contribution(2, 'same'), 'ok').verdict).toBe('counted');
    expect(offer(contribution(0, 'same'), 'ok').verdict).toBe('counted');
    expect(offer(contribution(0, 'same'), 'ok').verdict).toBe('duplicate');
    expect(offer(contribution(1, 'other'), 'ok').verdict).toBe('counted');
    expect((await collected).map(({ index, sha256 }) => [index, sha256])).toEqual([
      [0, 'same'],
      [1, 'other'],
      [2, 'same'],
    ]);
  });

  it('says that the run waits while the queue is out of reach', async () => {
    const run = collector(() => Promise.reject(new Error('no Redis')));
    void run.collect(1, [shard(0)]);
    await Promise.resolve();
    await Promise.resolve();
    expect(run.state.condition).toMatchObject({ state: 'waiting-for-workers' });
    expect(run.state.condition.reason).toContain('no Redis');
  });
});
