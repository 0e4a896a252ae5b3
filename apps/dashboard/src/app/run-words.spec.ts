import { describe, expect, it } from 'vitest';
import { reasonText } from './run-words.js';

describe('reasonText', () => {
  it.each([
    ['1 of 5 connected; `lockstep scale 5` starts the others', '1 of 5 connected'],
    ['1 of 5 connected; start 4 more with `lockstep worker`', undefined],
    ['no shard can reach a worker: connect ECONNREFUSED', undefined],
    ['2 workers ready', undefined],
    ['paused by the user', undefined],
  ])('%s', (reason, expected = reason) => {
    expect(reasonText(reason, true)).toBe(expected);
    expect(reasonText(reason, false)).toBe(reason);
  });
});
