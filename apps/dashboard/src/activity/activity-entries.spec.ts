import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../api/run-events.js';
import { activityEntries } from './activity-entries.js';

const words = (...events: RunEvent[]): string[] =>
  activityEntries(events).map(({ what, detail }) => `${what} | ${detail}`);

describe('activity entries', () => {
  it.each<[RunEvent, string]>([
    [
      { event: 'state', at: 5, state: 'running', reason: '2 workers ready' },
      'Running | 2 workers ready',
    ],
    [
      { event: 'worker', at: 9, id: 'w', pid: 7, host: 'a', state: 'lost', reason: 'silent' },
      'Worker a · 7 lost | silent',
    ],
    [
      { event: 'reissue', at: 8, step: 1_200, index: 1, attempt: 2, reason: 'late' },
      'Shard 1 of step 1,200 reissued | late',
    ],
    [
      {
        event: 'evaluation',
        at: 7,
        step: 100,
        testAccuracy: 0.97,
        testLoss: 0.1,
        metrics: { accuracy: 0.97 },
      },
      'Test accuracy 97.00 % | at step 100',
    ],
    [
      { event: 'checkpoint', at: 3, step: 50, bytes: 26_000_000, milliseconds: 12 },
      'Checkpoint | at step 50, 26.0 MB in 12.0 ms',
    ],
    [
      { event: 'alarm', at: 4, code: 'disk-full', message: 'no room' },
      'Alarm: disk-full | no room',
    ],
  ])('%j', (event, text) => expect(words(event)).toEqual([text]));

  const again = (at: number, step: number): RunEvent => ({
    ...{ event: 'reissue', at, step, index: 0, attempt: 2, reason: 'it is late' },
  });
  const alarm = { event: 'alarm', at: 5, code: 'disk-full', message: 'no room' } as const;

  it('groups reissues between two events that are not routine', () => {
    const checkpoint = { event: 'checkpoint', at: 8, step: 50, bytes: 1, milliseconds: 1 } as const;
    const routine = [again(9, 1_300), checkpoint, again(8, 1_300), again(7, 1_200)];
    expect(words(...routine, alarm, again(3, 7))).toEqual([
      '3 shards reissued | at steps 1,200 to 1,300; most recently: it is late',
      'Checkpoint | at step 50, 1 B in 1.0 ms',
      'Alarm: disk-full | no room',
      'Shard 0 of step 7 reissued | it is late',
    ]);
    expect(words(again(2, 7), again(1, 7))[0]).toContain('| at step 7; ');
  });

  it('names a restart of the coordinator, a resumption and a request to scale', () => {
    const state = (at: number, name: 'paused' | 'running'): RunEvent => ({
      ...{
        event: 'state',
        at,
        state: name,
        reason: name === 'paused' ? 'paused by the user' : '2 workers ready',
      },
    });
    const started = { event: 'run-started', at: 4, resumedAt: 500, term: 2, backend: 'native' };
    const scaled: RunEvent = {
      event: 'scaled',
      at: 9,
      workers: 3,
      reason: 'requested by the user',
    };
    expect(
      words(
        scaled,
        state(7, 'running'),
        state(6, 'paused'),
        state(5, 'running'),
        started as RunEvent,
      ),
    ).toEqual([
      '3 workers requested | by the user',
      'Resumed | 2 workers ready',
      'Paused | paused by the user',
      'Running | 2 workers ready',
      'Coordinator restarted, resumed at step 500 | term 2, native',
    ]);
  });

  it('omits events that are only for programs', () => {
    expect(words({ event: 'listening', at: 1, grpc: '127.0.0.1:1' })).toEqual([]);
  });
});
