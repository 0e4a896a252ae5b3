import { describe, expect, it } from 'vitest';
import { reasonText } from './reason-text.js';

describe('reasonText', () => {
  it.each([
    ['a person paused it: go on by `lockstep resume`', 'a person paused it'],
    [
      'no worker: start one with `lockstep worker`, or `lockstep scale N` in local mode',
      'no worker',
    ],
    ['no shard can reach a worker: connect ECONNREFUSED', undefined],
    ['2 workers ready', undefined],
    ['1 of at least 2 workers: start more, or lower --min-workers', undefined],
  ])('%s', (reason, expected = reason) => {
    expect(reasonText(reason, true)).toBe(expected);
    expect(reasonText(reason, false)).toBe(reason);
  });
});
