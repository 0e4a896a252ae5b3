import { describe, expect, it } from 'vitest';
import { enqueued, run, verdictOf } from '../testing/machine-run.js';
import type { MachineEffect } from './machine-event.js';
import { defaultMachineOptions } from './machine-state.js';

const types = (effects: readonly MachineEffect[]): string[] => effects.map(({ type }) => type);
const notFinite = { sha256: 'NaN', check: 'not-finite' } as const;

describe('a contribution with NaN', () => {
  /** Shard 0 of step 1, granted to `a`, which contributes NaN. */
  function contributed(options = defaultMachineOptions) {
    const r = run(options);
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    const effects = r.contribute('a', 1, 0, notFinite);
    const decide = (sha256: string, finite: boolean) =>
      r.tell({ type: 'arbitrated', step: 1, index: 0, sha256, finite });
    return { r, effects, decide };
  }

  it('is refused, and the arbiter computes the shard; it is not queued meanwhile', () => {
    const { r, effects } = contributed();
    expect(verdictOf(effects)).toBe('not-finite');
    expect(effects).toContainEqual({ type: 'arbitrate', step: 1, index: 0 });
    expect(enqueued([...effects, ...r.wait(60_000)]).map(({ shard }) => shard.index)).not.toContain(
      0,
    );
  });

  it.each([true, false])(
    'quarantines its worker if the right gradient is finite; the run continues (compared: %s)',
    (compareContributions) => {
      const { r, decide } = contributed({ ...defaultMachineOptions, compareContributions });
      const decided = decide('hash-1-0', true);
      const reason =
        'it contributed NaN or Inf for step 1 shard 0, and the coordinator computes hash-1-0';
      expect(decided).toContainEqual({ type: 'quarantine', worker: 'a', reason });
      expect(types(decided)).not.toContain('fail');
      expect(enqueued(decided)).toMatchObject([{ shard: { index: 0 }, attempt: 2 }]);
      expect(verdictOf(r.contribute('b', 1, 0, { attempt: 2 }))).toBe('counted');
    },
  );

  it('ends the run as diverged if the right gradient is not finite', () => {
    const { r, decide } = contributed();
    const reason =
      'the gradient of step 1 shard 0 holds NaN or Inf, as the coordinator computes it too';
    const decided = decide('NaN', false);
    expect(decided).toContainEqual({ type: 'fail', code: 'diverged', reason });
    expect([types(decided).includes('quarantine'), enqueued(decided)]).toEqual([false, []]);
    expect(r.state.workers.get('a')?.state).toBe('ready');
  });

  it('from every worker does not end a run that has not diverged', () => {
    const { r, decide } = contributed();
    r.take('b', 1, 0);
    const second = r.contribute('b', 1, 0, notFinite);
    expect(types(second)).toEqual(['verdict']);
    const decided = decide('hash-1-0', true);
    expect(types(decided).filter((type) => type === 'quarantine')).toHaveLength(2);
    expect(types(decided)).not.toContain('fail');
  });

  it('disputes a contribution that counts already', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    for (const worker of ['a', 'b']) r.take(worker, 1, 0);
    r.contribute('a', 1, 0);
    expect(types(r.contribute('b', 1, 0, notFinite))).toEqual(['verdict', 'arbitrate']);
    expect(r.state.current?.shards[0]?.counted).toBeUndefined();
    const decided = r.tell({
      ...{ type: 'arbitrated', step: 1, index: 0, sha256: 'hash-1-0', finite: true },
    });
    expect(decided).toContainEqual(expect.objectContaining({ type: 'quarantine', worker: 'b' }));
    expect(r.state.current?.shards[0]?.counted).toBe('hash-1-0');
  });

  it('is refused without arbitration if its worker was never granted the shard', () => {
    const r = run();
    r.join('a');
    r.open(1);
    const effects = r.contribute('a', 1, 0, notFinite);
    expect([verdictOf(effects), types(effects)]).toEqual(['not-finite', ['verdict']]);
  });
});
