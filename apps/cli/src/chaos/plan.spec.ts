import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlan, planText } from './plan.js';
import { arbitraryPlan } from './testing/arbitrary-plan.js';

describe('a plan', () => {
  it('says what a person would', () => {
    const text =
      'every 5s kill-worker; at 20% scale 4; at 30% restart-redis; at 7.5s freeze-worker 2s kill';
    const { plan, senseless } = parsePlan(text);
    expect(senseless).toEqual([]);
    expect(plan).toEqual([
      { moment: { at: 'every', seconds: 5 }, fault: { kind: 'kill-worker' } },
      { moment: { at: 'step', percent: 20 }, fault: { kind: 'scale', workers: 4 } },
      { moment: { at: 'step', percent: 30 }, fault: { kind: 'restart-redis' } },
      {
        moment: { at: 'time', seconds: 7.5 },
        fault: { kind: 'freeze-worker', seconds: 2, thenKill: true },
      },
    ]);
    expect(planText(plan)).toBe(text);
  });

  it('freezes and floods for three seconds unless told otherwise', () => {
    const { plan } = parsePlan('at 1s freeze-coordinator; at 2s freeze-worker kill; at 3s flood');
    expect(planText(plan)).toBe(
      'at 1s freeze-coordinator 3s; at 2s freeze-worker 3s kill; at 3s flood 3s',
    );
  });

  it('comes back from its text', () => {
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        expect(parsePlan(planText(plan))).toEqual({ plan, senseless: [] });
      }),
    );
  });

  it('names every entry that makes no sense, and keeps the others', () => {
    const wrong = [
      'sometimes kill-worker',
      'at 100% kill-worker',
      'every 0s kill-worker',
      'every 10% kill-worker',
      'at 5 kill-worker',
      'at 5s',
      'at 5s kill-worker 3',
      'at 5s kill-everybody',
      'at 5s scale',
      'at 5s scale 0',
      'at 5s freeze-worker 0s',
      'at 5s flood 0s',
      'at 5s flood 2s kill',
      'at -5s scale 2',
    ];
    const { plan, senseless } = parsePlan(['at 1s kill-worker', ...wrong, ''].join(' ;'));
    expect(senseless).toEqual(wrong);
    expect(planText(plan)).toBe('at 1s kill-worker');
  });

  it('is read from any text without an exception', () => {
    const words = fc.constantFrom('at', 'every', '5s', '20%', ';', 'scale', 'freeze-worker', '-1');
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { plan, senseless } = parsePlan(text);
        const entries = text.split(';').filter((entry) => entry.trim() !== '');
        expect(plan.length + senseless.length).toBe(entries.length);
      }),
    );
  });
});
