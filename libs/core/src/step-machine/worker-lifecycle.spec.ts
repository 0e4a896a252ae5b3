import { describe, expect, it } from 'vitest';
import { enqueued, run } from '../testing/machine-run.js';
import type { MachineEvent } from './machine-event.js';
import { defaultMachineOptions } from './machine-state.js';

describe('a contribution lost in transit', () => {
  it('is not waited for: the shard goes out again, to the same worker if there is no other', () => {
    const r = run();
    r.join('a');
    r.open(1, 1);
    r.take('a', 1, 0);
    const beat = (currentShard: Extract<MachineEvent, { type: 'worker-heard' }>['currentShard']) =>
      r.tell({
        type: 'worker-heard',
        worker: 'a',
        ready: true,
        ...(currentShard ? { currentShard } : {}),
      });
    const ref = { step: 1, index: 0, attempt: 1 };
    r.wait(defaultMachineOptions.initialDeadlineMs);
    expect(enqueued(beat('nothing'))).toEqual([]); // it may still be under way
    r.wait(1);
    expect(enqueued(beat(ref))).toEqual([]);
    expect(enqueued(beat(undefined))).toEqual([]);
    expect(enqueued(beat('nothing'))).toMatchObject([{ attempt: 2, notFor: [] }]);
    expect(r.state.workers.get('a')?.holding).toBeUndefined();
  });
});

describe('a worker’s silence', () => {
  it('loses it after the timeout, and leaves out the time in which this process did not run', () => {
    const r = run();
    r.join('a');
    const { heartbeatTimeoutMs } = defaultMachineOptions;
    r.sleep(600);
    r.pass(16_000);
    r.tell({ type: 'woken', afterMs: 16_000 });
    expect(r.sleep(heartbeatTimeoutMs - 600)).toEqual([]);
    expect(r.sleep(1)[0]).toMatchObject({ type: 'worker-lost', worker: 'a' });
  });

  it('is none where a heartbeat was read before the process noticed that it had not run', () => {
    const r = run();
    r.join('a');
    r.pass(16_000);
    r.tell({ type: 'worker-heard', worker: 'a', ready: true });
    r.tell({ type: 'woken', afterMs: 16_000 });
    expect(r.sleep(defaultMachineOptions.heartbeatTimeoutMs)).toEqual([]);
    expect(r.sleep(1)[0]).toMatchObject({ type: 'worker-lost', worker: 'a' });
  });
});
