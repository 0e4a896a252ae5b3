import { describe, expect, it } from 'vitest';
import { run, verdictOf } from '../testing/machine-run.js';
import { defaultMachineOptions } from './machine-state.js';

describe('the condition of a run', () => {
  it('waits for enough workers, says so, and goes on when they come', () => {
    const r = run({ ...defaultMachineOptions, minWorkers: 2 });
    r.join('a');
    expect(r.state.condition.state).toBe('waiting-for-workers');
    expect(r.state.condition.reason).toBe('1 of 2 connected; start 1 more with `lockstep worker`');
    r.join('b');
    expect(r.state.condition.state).toBe('running');
    r.tell({ type: 'worker-gone', worker: 'b', how: 'left', reason: 'drained' });
    expect(r.state.condition.state).toBe('waiting-for-workers');
  });

  it('reports the first waiting state, and each change of its reason', () => {
    const options = { ...defaultMachineOptions, minWorkers: 3 };
    const reported = (startsWorkers: boolean): string[] => {
      const r = run({ ...options, startsWorkers });
      const effects = [r.tell({ type: 'tick' }), r.tell({ type: 'tick' })];
      for (const worker of ['a', 'b', 'c']) {
        effects.push(r.tell({ type: 'worker-joined', worker }));
        effects.push(r.tell({ type: 'worker-heard', worker, ready: true }));
      }
      return effects.flat().flatMap((effect) => {
        if (effect.type !== 'condition') return [];
        return `${effect.condition.state}: ${effect.condition.reason}`;
      });
    };
    expect(reported(false)).toEqual([
      'waiting-for-workers: 0 of 3 connected; start 3 with `lockstep worker`',
      'waiting-for-workers: 1 of 3 connected; start 2 more with `lockstep worker`',
      'waiting-for-workers: 2 of 3 connected; start 1 more with `lockstep worker`',
      'running: 3 workers ready',
    ]);
    expect(reported(true)).toEqual([
      'waiting-for-workers: 0 of 3 connected',
      'waiting-for-workers: 1 of 3 connected; `lockstep scale 3` starts the others',
      'waiting-for-workers: 2 of 3 connected; `lockstep scale 3` starts the others',
      'running: 3 workers ready',
    ]);
  });

  it('pauses and resumes', () => {
    const r = run();
    r.join('a');
    r.tell({ type: 'paused', reason: 'the user asked' });
    expect(r.state.condition).toMatchObject({ state: 'paused', reason: 'the user asked' });
    r.tell({ type: 'resumed' });
    expect(r.state.condition.state).toBe('running');
  });

  it('pauses while the disk is full, and stays paused where the user asked', () => {
    const r = run();
    r.join('a');
    r.tell({ type: 'disk-full', reason: 'no room' });
    expect(r.state.condition).toMatchObject({ state: 'paused', reason: 'no room' });
    r.tell({ type: 'resumed' });
    expect(r.state.condition.state).toBe('paused');
    r.tell({ type: 'disk-freed' });
    expect(r.state.condition.state).toBe('running');
    r.tell({ type: 'paused', reason: 'the user asked' });
    r.tell({ type: 'disk-full', reason: 'no room' });
    r.tell({ type: 'disk-freed' });
    expect(r.state.condition).toMatchObject({ state: 'paused', reason: 'the user asked' });
  });

  it('ends once and for all', () => {
    const r = run();
    r.join('a');
    r.open(1);
    r.tell({ type: 'ended', how: 'stopped', reason: 'the user asked' });
    expect(verdictOf(r.contribute('a', 1, 0))).toBe('late');
    expect(r.state.condition.state).toBe('stopped');
  });
});
