import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit, RateLimits } from './rate-limit.js';

const rates = fc.record({
  perSecond: fc.double({ min: 0.01, max: 100_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 1_000 }),
});
/** Milliseconds from each attempt to the next. */
const pauses = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { maxLength: 500 });

describe('a rate limit', () => {
  it('allows no more than burst and rate, over any span', () => {
    fc.assert(
      fc.property(rates, pauses, (rate, between) => {
        const limit = new RateLimit(rate);
        const allowed: number[] = [];
        let now = 0;
        for (const pause of between) {
          now += pause;
          if (limit.take(now) === 0) allowed.push(now);
        }
        allowed.forEach((from, n) => {
          const until = allowed.at(-1) ?? from;
          const most = rate.burst + (rate.perSecond * (until - from)) / 1_000;
          expect(allowed.length - n).toBeLessThanOrEqual(most + 0.5);
        });
      }),
    );
  });

  it('refuses nothing that keeps to the mean rate, nor a burst after a pause', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 300 }), (rate, count) => {
        const limit = new RateLimit(rate);
        let now = 0;
        for (let n = 0; n < count; n++) {
          expect(limit.take(now)).toBe(0);
          now += 1_000 / rate.perSecond;
        }
        now += (1_000 * rate.burst) / rate.perSecond;
        for (let n = 0; n < rate.burst; n++) expect(limit.take(now)).toBe(0);
        expect(limit.take(now)).toBeGreaterThan(0);
      }),
    );
  });

  it('allows one more after the wait that it returns', () => {
    const limit = new RateLimit({ perSecond: 4, burst: 2 });
    expect([limit.take(0), limit.take(0)]).toEqual([0, 0]);
    const waitMs = limit.take(100);
    expect(waitMs).toBeCloseTo(150, 1);
    expect(limit.take(100 + waitMs)).toBe(0);
  });
});

describe('limits by key', () => {
  it('are independent, and bounded in number', () => {
    const limits = new RateLimits({ perSecond: 1, burst: 1 }, 3);
    expect([limits.of('a').take(0), limits.of('b').take(0)]).toEqual([0, 0]);
    expect(limits.of('a').take(0)).toBeGreaterThan(0);
    for (let n = 0; n < 1_000; n++) {
      limits.of(`key ${n}`).take(0);
      limits.of('a');
    }
    expect(limits.size).toBe(3);
    expect(limits.of('a').take(0)).toBeGreaterThan(0);
  });
});
