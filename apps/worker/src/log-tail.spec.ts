import { describe, expect, it } from 'vitest';
import { LogTail } from './log-tail.js';

const warning = (reason: string) => ({ what: 'warning', reason }) as const;

describe('LogTail', () => {
  it('gives what came after a line, in pieces that a heartbeat can carry', () => {
    const tail = new LogTail(() => 7);
    for (let n = 1; n <= 60; n++) tail.add(warning(`no ${n}`));
    const got: number[] = [];
    for (let last = 0; ; last = got.at(-1) ?? 0) {
      const lines = tail.after(last);
      if (lines.length === 0) break;
      expect(lines.length).toBeLessThanOrEqual(25);
      got.push(...lines.map(({ number }) => number));
    }
    expect(got).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
    expect(tail.after(59)).toEqual([{ number: 60, at: 7, warning: true, text: 'warning: no 60' }]);
  });

  it('forgets the oldest, and cuts what is too long', () => {
    const tail = new LogTail(() => 7);
    for (let n = 1; n <= 1_000; n++) tail.add(warning('x'.repeat(10_000)));
    expect(tail.after(0)[0]?.number).toBe(801);
    expect(tail.after(999)[0]?.text.length).toBe(500);
  });

  it('logs no warning for a contribution that came too late', () => {
    const tail = new LogTail(() => 7);
    const refused = {
      what: 'refused-contribution',
      step: 3,
      index: 1,
      attempt: 1,
      reason: 'r',
    } as const;
    tail.add({ ...refused, verdict: 'late' });
    tail.add({ ...refused, verdict: 'wrong-hash' });
    expect(tail.after(0).map(({ warning }) => warning)).toEqual([false, true]);
  });
});
