import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropoutMask, type DropoutKey } from './dropout-mask.js';

const key: DropoutKey = { seed: 5, step: 11, firstSample: 0, keepProb: 0.5 };

describe('dropoutMask', () => {
  it('of a sample does not depend on the shard it is in', () => {
    const whole = dropoutMask(key, 0, 100, 33);
    fc.assert(
      fc.property(fc.nat(99), fc.integer({ min: 1, max: 100 }), (firstSample, size) => {
        const count = Math.min(size, 100 - firstSample);
        const part = dropoutMask({ ...key, firstSample }, 0, count, 33);
        expect(part).toEqual(whole.subarray(firstSample * 33, (firstSample + count) * 33));
      }),
    );
  });

  it.each([0.1, 0.5, 0.75, 1])('keeps a share of %d and scales it up', (keepProb) => {
    const mask = dropoutMask({ ...key, keepProb }, 0, 200, 1024);
    const kept = mask.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
    expect(Math.abs(kept / mask.length - keepProb)).toBeLessThan(0.004);
    expect(new Set(mask)).toEqual(
      new Set([Math.fround(1 / keepProb), ...(keepProb < 1 ? [0] : [])]),
    );
  });

  it('differs between seeds, steps, layers and samples', () => {
    const masks = [
      dropoutMask(key, 0, 1, 64),
      dropoutMask({ ...key, seed: 6 }, 0, 1, 64),
      dropoutMask({ ...key, step: 12 }, 0, 1, 64),
      dropoutMask({ ...key, firstSample: 1 }, 0, 1, 64),
      dropoutMask(key, 1, 1, 64),
    ];
    expect(new Set(masks.map((mask) => mask.join())).size).toBe(masks.length);
  });
});
