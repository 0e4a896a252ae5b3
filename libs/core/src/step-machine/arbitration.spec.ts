import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enqueued, run, verdictOf } from '../testing/machine-run.js';
import type { MachineEffect } from './machine-event.js';
import { defaultMachineOptions } from './machine-state.js';

const right = (step: number, index = 0): string => `hash-${step}-${index}`;
const asked = (effects: readonly MachineEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'arbitrate' ? [[effect.step, effect.index]] : []));
const quarantined = (effects: readonly MachineEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'quarantine' ? [effect.worker] : []));
const failed = (effects: readonly MachineEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'fail' ? [effect.reason] : []));

/** A run with step 1 committed from `a`; `b` had been granted its only shard too. */
function afterTheCommit(committed = right(1)) {
  const r = run();
  r.join('a', 'b', 'c');
  r.open(1, 1);
  r.take('a', 1, 0);
  r.take('b', 1, 0);
  r.contribute('a', 1, 0, { sha256: committed });
  return { ...r, r, decide: (sha256: string) => decide(r, sha256) };
}

/** The arbiter has computed the first shard of step 1. */
function decide(r: ReturnType<typeof run>, sha256 = right(1), finite = true) {
  return r.tell({ type: 'arbitrated', step: 1, index: 0, sha256, finite });
}

describe('contributions for a shard of the open step that differ', () => {
  it('hold the step until the arbiter decides; the wrong worker is quarantined', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.contribute('a', 1, 0, { sha256: 'wrong' });
    const disputed = r.contribute('b', 1, 0);
    expect(verdictOf(disputed)).toBe('disputed');
    expect(asked(disputed)).toEqual([[1, 0]]);
    expect(enqueued(disputed)).toEqual([]);
    const last = r.contribute('b', 1, 1);
    expect(last.some(({ type }) => type === 'commit')).toBe(false);
    const decided = decide(r);
    expect(quarantined(decided)).toEqual(['a']);
    expect(decided).toContainEqual({ type: 'commit', step: 1, hashes: [right(1), right(1, 1)] });
  });

  it('are all wrong if the arbiter says so: the shard is queued again', () => {
    const r = run();
    r.join('a', 'b', 'c');
    r.open(1);
    r.contribute('a', 1, 0, { sha256: 'x' });
    r.contribute('b', 1, 0, { sha256: 'y' });
    const decided = decide(r);
    expect(quarantined(decided)).toEqual(['a', 'b']);
    expect(enqueued(decided)).toHaveLength(1);
    expect(verdictOf(r.contribute('c', 1, 0))).toBe('counted');
  });

  it('are not outvoted: many equal ones do not count before the arbiter has decided', () => {
    const r = run();
    r.join('a', 'b', 'c', 'd', 'e', 'f');
    r.open(1);
    r.contribute('a', 1, 0);
    for (const worker of ['b', 'c', 'd', 'e', 'f']) {
      expect(verdictOf(r.contribute(worker, 1, 0, { sha256: 'x' }))).toBe('disputed');
    }
    expect(r.state.current?.shards[0]?.contributions).toHaveLength(4);
    const decided = decide(r);
    expect(quarantined(decided)).toEqual(['b', 'c', 'd']);
    expect(r.state.current?.shards[0]?.counted).toBe(right(1));
  });
});

describe('a late contribution that differs from the committed one', () => {
  it('is arbitrated beside the next steps; its worker is quarantined if the ledger is right', () => {
    const { r, decide } = afterTheCommit();
    const effects = r.contribute('b', 1, 0, { sha256: 'flipped' });
    expect(verdictOf(effects)).toBe('contradicts-ledger');
    expect([asked(effects), failed(effects)]).toEqual([[[1, 0]], []]);
    r.open(2, 1);
    expect(r.contribute('a', 2, 0).some(({ type }) => type === 'commit')).toBe(true);
    expect(r.state.condition.state).toBe('running');
    const decided = decide(right(1));
    expect(quarantined(decided)).toEqual(['b']);
    expect(JSON.stringify(decided)).toContain('contributed flipped for step 1 shard 0');
    expect(r.state.lateDisputes).toEqual([]);
  });

  it('quarantines its worker also if that has left, or has joined again', () => {
    for (const joinsAgain of [false, true]) {
      const { r, decide } = afterTheCommit();
      r.contribute('b', 1, 0, { sha256: 'flipped' });
      r.tell({ type: 'worker-gone', worker: 'b', how: 'left', reason: 'drained' });
      if (joinsAgain) r.join('b');
      expect(quarantined(decide(right(1)))).toEqual(['b']);
      r.join('b');
      expect(r.state.workers.get('b')?.state).toBe('quarantined');
    }
  });

  it('ends the run if the ledger is wrong, and names the step and the worker that counted', () => {
    const { r, decide } = afterTheCommit('wrong');
    r.contribute('b', 1, 0);
    const [reason] = failed(decide(right(1)));
    expect(reason).toContain('step 1 shard 0 was committed as wrong from a');
    expect(r.state.refutedStep).toBe(1);
  });

  it('is refused without arbitration if its worker was never granted the shard', () => {
    const { r } = afterTheCommit();
    const effects = r.contribute('c', 1, 0, { sha256: 'flipped' });
    expect(verdictOf(effects)).toBe('late');
    expect(asked(effects)).toEqual([]);
  });

  it('is not compared where numerics are tolerant', () => {
    const r = run({ ...defaultMachineOptions, compareContributions: false });
    r.join('a', 'b');
    r.open(1, 1);
    r.take('b', 1, 0);
    r.contribute('a', 1, 0);
    expect(verdictOf(r.contribute('b', 1, 0, { sha256: 'other' }))).toBe('late');
  });

  it('of one worker is arbitrated one at a time, and once for each shard', () => {
    const { r, decide } = afterTheCommit();
    r.take('b', 1, 0);
    const count = (worker: string, sha256: string): number =>
      asked(r.contribute(worker, 1, 0, { sha256 })).length;
    expect([count('b', 'x'), count('b', 'y'), count('a', 'z')]).toEqual([1, 0, 0]);
    expect(r.state.lateDisputes).toHaveLength(2);
    expect(quarantined(decide(right(1)))).toEqual(['b', 'a']);
    expect(verdictOf(r.contribute('b', 1, 0, { sha256: 'x' }))).toBe('quarantined');
  });
});

describe('a contribution for a step that the ledger holds already', () => {
  /** Step 1 is computed again after a restart. */
  const resumed = (options = defaultMachineOptions) => {
    const r = run(options);
    r.join('a', 'b');
    r.open(1, 1, [right(1)]);
    r.take('a', 1, 0);
    return r;
  };

  it('counts if it is equal', () => {
    const effects = resumed().contribute('a', 1, 0);
    expect(effects).toContainEqual({ type: 'commit', step: 1, hashes: [right(1)] });
  });

  it('is arbitrated if it differs; its worker is quarantined, and the run continues', () => {
    const r = resumed();
    const effects = r.contribute('a', 1, 0, { sha256: 'flipped' });
    expect([verdictOf(effects), asked(effects)]).toEqual(['disputed', [[1, 0]]]);
    const decided = decide(r);
    expect([quarantined(decided), failed(decided)]).toEqual([['a'], []]);
    expect(enqueued(decided)).toHaveLength(1);
    expect(r.contribute('b', 1, 0).some(({ type }) => type === 'commit')).toBe(true);
  });

  it('ends the run if the arbiter proves the ledger wrong', () => {
    const r = resumed();
    r.contribute('a', 1, 0, { sha256: 'other' });
    const decided = decide(r, 'other');
    expect(failed(decided)[0]).toContain('the ledger holds hash-1-0 for step 1 shard 0');
    expect([r.state.refutedStep, quarantined(decided)]).toEqual([1, []]);
  });

  it('is not compared where numerics are tolerant', () => {
    const r = resumed({ ...defaultMachineOptions, compareContributions: false });
    expect(verdictOf(r.contribute('a', 1, 0, { sha256: 'other' }))).toBe('counted');
  });
});

describe('a dispute that the arbiter cannot decide', () => {
  it('pauses the run with one alarm, and is tried again when the run is resumed', () => {
    const { r } = afterTheCommit();
    r.contribute('b', 1, 0, { sha256: 'flipped' });
    const unavailable = () =>
      r.tell({ type: 'arbiter-unavailable', step: 1, index: 0, reason: 'no data here' });
    expect(unavailable()).toContainEqual(expect.objectContaining({ type: 'undecided' }));
    expect(r.state.condition).toMatchObject({
      state: 'paused',
      reason:
        'the contributions for step 1 shard 0 are disputed, and the coordinator cannot compute it: no data here',
    });
    expect(unavailable().some(({ type }) => type === 'undecided')).toBe(false);
    // Another dispute waits for the same cause to be fixed.
    expect(asked(r.contribute('a', 1, 0, { sha256: 'other' }))).toEqual([]);
    const resumed = r.tell({ type: 'resumed' });
    expect(asked(resumed)).toEqual([[1, 0]]);
    expect(r.state.condition.state).toBe('running');
    expect(asked(r.tell({ type: 'resumed' }))).toEqual([]);
  });
});

describe('whatever is contributed, and however often', () => {
  const hashes = fc.constantFrom(right(1), 'x', 'NaN');
  const contribution = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), hashes);
  const checkOf = (sha256: string) => (sha256 === 'NaN' ? 'not-finite' : 'ok');

  it('an arbiter that computes the right hash never ends a run whose first one was right', () => {
    fc.assert(
      fc.property(fc.array(contribution, { maxLength: 12 }), fc.boolean(), (sent, atOnce) => {
        const r = run();
        r.join('a', 'b', 'c', 'd', 'honest');
        const effects = [...r.open(1, 1)];
        for (const worker of ['a', 'b', 'c', 'd', 'honest']) r.take(worker, 1, 0);
        effects.push(...r.contribute('honest', 1, 0));
        for (const [worker, sha256] of sent) {
          const came = r.contribute(worker, 1, 0, { sha256, check: checkOf(sha256) });
          effects.push(...came);
          if (atOnce && asked(came).length > 0) effects.push(...decide(r));
        }
        effects.push(...decide(r));
        const liars = sent.filter(([, sha256]) => sha256 !== right(1)).map(([worker]) => worker);
        expect(failed(effects)).toEqual([]);
        expect(effects).toContainEqual({ type: 'commit', step: 1, hashes: [right(1)] });
        expect(new Set(quarantined(effects))).toEqual(new Set(liars));
        expect(r.state.lateDisputes).toEqual([]);
      }),
    );
  });
});
