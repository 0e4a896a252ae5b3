import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCompactor } from './compact-events.js';

const most = { steps: 20, results: 5, others: 3 };
const line = (event: object): string => JSON.stringify({ ...event, at: 5 });
const step = (n: number): string => line({ event: 'step', step: n, loss: 1 });

function compact(lines: readonly string[]): string[] {
  const compactor = new EventCompactor(most);
  for (const each of lines) compactor.add(each);
  return [...compactor.lines()];
}

describe('a compacted event log', () => {
  it('keeps everything of a short run, in its order', () => {
    const started = line({ event: 'run-started', runId: 'r' });
    const lines = [started, step(1), line({ event: 'alarm', code: 'x', message: '' }), step(2)];
    expect(compact(lines)).toEqual(lines);
  });

  it('thins out many steps, and keeps the newest', () => {
    const lines = Array.from({ length: 203 }, (_, n) => step(n + 1));
    const kept = compact(lines).map((text) => (JSON.parse(text) as { step: number }).step);
    expect(kept).toEqual([...Array.from({ length: 20 }, (_, n) => 10 * (n + 1)), 203]);
  });

  it('keeps the newest of a kind, whatever the others are, and counts the dropped ones', () => {
    const worker = (state: string, n: number): string =>
      line({ event: 'worker', id: `w${n}`, pid: n, host: 'h', state, reason: 'r' });
    const refused = Array.from({ length: 50 }, (_, n) => worker('refused', n));
    const lines = [worker('joined', 1), step(1), ...refused, worker('lost', 1)];
    const kept = compact(lines).map((text) => JSON.parse(text) as object);
    expect(kept).toHaveLength(6);
    expect(kept).toMatchObject([
      { state: 'joined' },
      { event: 'step' },
      { id: 'w47', omitted: 47 },
      { id: 'w48' },
      { id: 'w49' },
      { state: 'lost' },
    ]);
  });

  it('is bounded, and compacting it again changes nothing but counts, whatever it holds', () => {
    const events = fc.oneof(
      fc.nat(2_000).map(step),
      fc
        .record({ event: fc.constantFrom('state', 'reissue', 'alarm'), reason: fc.string() })
        .map(line),
      fc.record({ event: fc.constant('checkpoint'), step: fc.nat() }).map(line),
      fc.constant('{"event":"st'),
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 300 }), (lines) => {
        const once = compact(lines);
        expect(once.length).toBeLessThanOrEqual(20 + 1 + 5 + 3 * 3);
        for (const text of once) expect(() => JSON.parse(text) as unknown).not.toThrow();
        expect(compact(once).length).toBeLessThanOrEqual(once.length);
        expect(once.at(-1)?.replace(/,"omitted":\d+/, '')).toEqual(
          lines.findLast((text) => text.endsWith('}')),
        );
      }),
    );
  });
});
