import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../api/run-events.js';
import { happeningsOf } from './happenings.js';

const words = (...events: RunEvent[]): string[] =>
  happeningsOf(events).map(({ what, detail }) => `${what} | ${detail}`);

describe('what happened, in words', () => {
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
      'Shard 1 of step 1,200 handed out again | late',
    ],
    [
      { event: 'evaluation', at: 7, step: 100, testAccuracy: 0.97, testLoss: 0.1 },
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

  it('tells of many shards handed out again as one', () => {
    const again = (at: number, step: number): RunEvent => ({
      ...{ event: 'reissue', at, step, index: 0, attempt: 2, reason: 'it is late' },
    });
    const alarm = { event: 'alarm', at: 5, code: 'disk-full', message: 'no room' } as const;
    expect(words(again(9, 1_300), again(8, 1_300), again(7, 1_200), alarm, again(3, 7))).toEqual([
      '3 shards handed out again | steps 1,200 to 1,300, the last since it is late',
      'Alarm: disk-full | no room',
      'Shard 0 of step 7 handed out again | it is late',
    ]);
  });

  it('says nothing of what is for programs', () => {
    expect(words({ event: 'listening', at: 1, grpc: '127.0.0.1:1' })).toEqual([]);
  });
});
