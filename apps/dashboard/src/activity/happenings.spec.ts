import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../api/run-events.js';
import { happeningOf } from './happenings.js';

const words = (event: RunEvent): string | undefined => {
  const happening = happeningOf(event);
  return happening && `${happening.what} | ${happening.detail}`;
};

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
  ])('%j', (event, text) => expect(words(event)).toBe(text));

  it('says nothing of what is for programs', () => {
    expect(words({ event: 'listening', at: 1, grpc: '127.0.0.1:1' })).toBeUndefined();
  });
});
