import { describe, expect, it } from 'vitest';
import { judgeSilence } from './silence.js';

const limits = { staleMs: 4_000, deadMs: 25_000, sleptMs: 10_000 };
const after = (silentMs: number, sinceLookMs = 500) =>
  judgeSilence(
    { heardAt: 1_000, lookedAt: 1_000 + silentMs - sinceLookMs },
    1_000 + silentMs,
    limits,
  );

describe('judgeSilence', () => {
  it.each([
    [900, 'none'],
    [4_000, 'none'],
    [4_500, 'stale'],
    [25_500, 'dead'],
  ] as const)('after %d ms: %s', (silentMs, expected) => expect(after(silentMs)).toBe(expected));

  it('takes a machine that slept for no silence of the coordinator', () => {
    expect(after(3_600_000, 3_600_000)).toBe('slept');
    expect(after(11_000, 11_000)).toBe('slept');
    expect(judgeSilence({ heardAt: 9_000, lookedAt: 9_000 }, 2_000, limits)).toBe('slept');
  });
});
