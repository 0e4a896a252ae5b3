import { describe, expect, it } from 'vitest';
import { happenings, type Known } from './happenings.js';

const nothing: Known = { live: [], evaluations: [], checkpoints: [], alarms: [] };
const what = (known: Partial<Known>) =>
  happenings({ ...nothing, ...known }).map((each) => `${each.what} | ${each.detail}`);

describe('happenings', () => {
  it('tells what happened in words, the newest first', () => {
    expect(
      what({
        live: [
          { event: 'state', at: 5, state: 'running', reason: '2 workers ready' },
          { event: 'worker', at: 9, id: 'w', pid: 7, host: 'a', state: 'lost', reason: 'silent' },
          { event: 'reissue', at: 8, step: 1_200, index: 1, attempt: 2, reason: 'late' },
        ],
        evaluations: [{ step: 100, testAccuracy: 0.97, testLoss: 0.1, at: 7 }],
      }),
    ).toEqual([
      'Worker a · 7 lost | silent',
      'Shard 1 of step 1,200 handed out again | late',
      'Test accuracy 97.00 % | at step 100',
      'Running | 2 workers ready',
    ]);
  });

  it('tells once what is known twice', () => {
    const checkpoint = { bytes: 26_000_000, milliseconds: 12, at: 3 };
    expect(
      what({
        live: [
          { event: 'checkpoint', step: 50, ...checkpoint },
          { event: 'alarm', at: 4, code: 'disk-full', message: 'no room' },
        ],
        checkpoints: [{ version: 50, ...checkpoint }],
        alarms: [{ code: 'disk-full', message: 'no room', at: 4 }],
      }),
    ).toEqual(['Alarm: disk-full | no room', 'Checkpoint | at step 50, 26.0 MB in 12.0 ms']);
  });
});
