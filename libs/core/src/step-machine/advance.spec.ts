import { describe, expect, it } from 'vitest';
import { enqueued, run, verdictOf } from '../testing/machine-run.js';
import { defaultMachineOptions } from './machine-state.js';

describe('a step', () => {
  it('queues every shard once, and commits when all are contributed, in shard order', () => {
    const r = run();
    r.join('a', 'b');
    expect(enqueued(r.open(1)).map(({ shard, attempt }) => [shard.index, attempt])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    r.take('a', 1, 1);
    r.take('b', 1, 0);
    expect(r.contribute('a', 1, 1).some(({ type }) => type === 'commit')).toBe(false);
    const effects = r.contribute('b', 1, 0);
    expect(effects).toContainEqual({ type: 'commit', step: 1, hashes: ['hash-1-0', 'hash-1-1'] });
    expect(r.state.committedStep).toBe(1);
  });

  it('cannot be opened out of turn', () => {
    expect(() => run().open(2)).toThrow(/step 2 cannot be opened after step 0/);
  });
});

describe('a take', () => {
  it('of a step, a shard or an attempt that was never queued is refused, and changes nothing', () => {
    const r = run();
    r.join('a');
    r.open(1);
    const before = r.state.current;
    expect(verdictOf(r.take('a', 7, 0))).toBe('wrong-step');
    expect(verdictOf(r.take('a', 1, 9))).toBe('wrong-step');
    expect(verdictOf(r.take('a', 1, 0, 2))).toBe('late');
    expect(r.state.current).toEqual(before);
    expect(r.state.workers.get('a')).not.toHaveProperty('holding');
    expect(verdictOf(r.take('a', 1, 0))).toBe('granted');
  });
});

describe('a contribution', () => {
  it('is refused by name, and changes nothing', () => {
    const r = run();
    r.join('a');
    r.open(1);
    r.take('a', 1, 0);
    const cases: [Parameters<typeof r.contribute>[3], string][] = [
      [{ runId: 'other' }, 'wrong-run'],
      [{ term: 2 }, 'stale-term'],
      [{ check: 'wrong-shape' }, 'wrong-shape'],
      [{ check: 'wrong-hash' }, 'wrong-hash'],
    ];
    for (const [change, verdict] of cases) {
      expect(verdictOf(r.contribute('a', 1, 0, change))).toBe(verdict);
      expect(r.state.current?.shards[0]?.counted).toBeUndefined();
    }
    expect(verdictOf(r.contribute('stranger', 1, 0))).toBe('unknown-worker');
    expect(verdictOf(r.contribute('a', 2, 0))).toBe('wrong-step');
    expect(verdictOf(r.contribute('a', 1, 9))).toBe('wrong-step');
  });

  it('that is bad frees the shard for another attempt at once', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    expect(enqueued(r.contribute('a', 1, 0, { check: 'wrong-shape' }))).toMatchObject([
      { shard: { index: 0 }, attempt: 2 },
    ]);
  });

  it('of a worker whose every contribution is damaged ends in its quarantine', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    const damaged = (attempt: number) => r.contribute('a', 1, 0, { attempt, check: 'wrong-hash' });
    damaged(1);
    damaged(2);
    r.contribute('a', 1, 1); // a sound one: the row begins anew
    damaged(3);
    damaged(4);
    expect(r.state.workers.get('a')?.state).toBe('ready');
    expect(r.contribute('a', 1, 0, { attempt: 5, check: 'wrong-shape' })).toContainEqual(
      expect.objectContaining({ type: 'quarantine', worker: 'a' }),
    );
  });

  it('that comes twice counts once; late ones are named', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    expect(verdictOf(r.contribute('a', 1, 0))).toBe('counted');
    expect(verdictOf(r.contribute('a', 1, 0))).toBe('duplicate');
    expect(verdictOf(r.contribute('b', 1, 0))).toBe('duplicate');
    r.contribute('a', 1, 1);
    expect(verdictOf(r.contribute('b', 1, 1))).toBe('late');
  });
});

describe('two contributions that differ', () => {
  it('from one worker convict it', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.contribute('a', 1, 0, { sha256: 'x' });
    const effects = r.contribute('a', 1, 0, { sha256: 'y' });
    expect(effects).toContainEqual(expect.objectContaining({ type: 'quarantine', worker: 'a' }));
    expect(r.state.current?.shards[0]?.counted).toBeUndefined();
  });
});

describe('a shard is queued again', () => {
  it('at once when its worker is lost or leaves', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    const lost = r.tell({ type: 'worker-gone', worker: 'a', how: 'lost', reason: 'broken' });
    expect(enqueued(lost)).toMatchObject([{ shard: { index: 0 }, attempt: 2 }]);
    r.take('b', 1, 1);
    const left = r.tell({ type: 'worker-gone', worker: 'b', how: 'left', reason: 'draining' });
    expect(enqueued(left)).toMatchObject([{ shard: { index: 1 }, attempt: 2 }]);
  });

  it('when its worker is silent for longer than the heartbeat timeout', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    const effects = r.sleep(defaultMachineOptions.heartbeatTimeoutMs + 1);
    expect(effects).toContainEqual(expect.objectContaining({ type: 'worker-lost', worker: 'a' }));
    expect(enqueued(effects).map(({ shard }) => shard.index)).toContain(0);
  });

  it('to an idle worker when it takes half as long again as usual, and not to its holder', () => {
    const r = run();
    r.join('a', 'b');
    for (let step = 1; step <= 10; step++) {
      r.open(step, 1);
      r.take('a', step, 0);
      r.wait(100);
      r.contribute('a', step, 0);
    }
    r.open(11, 1);
    r.take('a', 11, 0);
    expect(enqueued(r.wait(140))).toEqual([]);
    expect(enqueued(r.wait(20))).toMatchObject([{ attempt: 2, notFor: ['a'] }]);
  });

  it('never while no worker is idle', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    r.take('b', 1, 1);
    expect(enqueued(r.wait(100_000))).toEqual([]);
  });

  it('when the queue is back that had lost it', () => {
    const r = run();
    r.join('a');
    r.open(1);
    r.take('a', 1, 0);
    r.tell({ type: 'queue-lost', reason: 'Redis is away' });
    expect(r.state.condition).toMatchObject({ state: 'waiting-for-workers' });
    expect(r.state.condition.reason).toContain('Redis is away');
    const back = r.tell({ type: 'queue-restored' });
    expect(enqueued(back).map(({ shard, attempt }) => [shard.index, attempt])).toEqual([[1, 2]]);
    expect(r.state.condition.state).toBe('running');
  });
});
