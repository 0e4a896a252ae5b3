import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillRandom, RandomPurpose } from './counter-random.js';

const key = { seed: 7, purpose: RandomPurpose.dropout, a: 3, b: 5 };

describe('fillRandom', () => {
  it('gives the published known answer for counter 0 and key 0 (Random123 kat_vectors)', () => {
    // The reference vector has an all-zero counter; purpose 0 exists for no stream of ours.
    const zero = { seed: 0, purpose: 0 as RandomPurpose, a: 0 };
    expect([...fillRandom(zero, new Uint32Array(4))]).toEqual([
      0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
    ]);
  });

  it('starts every stream the same way, however much of it is drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (length) => {
        const long = fillRandom(key, new Uint32Array(300));
        expect(fillRandom(key, new Uint32Array(length))).toEqual(long.subarray(0, length));
      }),
    );
  });

  it('draws other numbers for another seed, purpose, step or position', () => {
    const draw = (change: object): string =>
      fillRandom({ ...key, ...change }, new Uint32Array(4)).join();
    const draws = [
      {},
      { seed: 8 },
      { seed: 2 ** 32 + 7 },
      { purpose: RandomPurpose.permutation },
      { a: 4 },
      { b: 6 },
    ];
    expect(new Set(draws.map(draw)).size).toBe(draws.length);
  });

  it('is uniform enough: the mean of 100,000 draws is within 0.3 % of the middle', () => {
    const values = fillRandom(key, new Uint32Array(100_000));
    const mean = values.reduce((sum, value) => sum + value / 2 ** 32, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.003);
  });
});
