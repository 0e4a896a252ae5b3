import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contributionHash } from './contribution.js';

const totals = { sampleCount: 4, metricSums: [1], lossSum: 9.25 };
const payload = { factored: Uint8Array.of(1, 2), dense: Uint8Array.of(3, 4) };

/** A NaN with this sign and payload. */
function nan(sign: number, fraction: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, (sign * 0x80000000 + 0x7ff80000) >>> 0);
  view.setUint32(4, fraction);
  return view.getFloat64(0);
}

describe('contributionHash', () => {
  it('depends on every total and every byte', () => {
    const hashes = [
      contributionHash(totals, payload),
      contributionHash({ ...totals, sampleCount: 5 }, payload),
      contributionHash({ ...totals, metricSums: [2] }, payload),
      contributionHash({ ...totals, lossSum: 9.250000000000002 }, payload),
      contributionHash({ ...totals, lossSum: NaN }, payload),
      contributionHash({ ...totals, lossSum: 0 }, payload),
      contributionHash({ ...totals, lossSum: Infinity }, payload),
      contributionHash({ ...totals, cleanCorrectCount: 0 }, payload),
      contributionHash(totals, { ...payload, factored: Uint8Array.of(1, 3) }),
      contributionHash(totals, { ...payload, dense: Uint8Array.of(3, 5) }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is one for every NaN, since a NaN may change its bits on the wire', () => {
    const expected = contributionHash({ ...totals, lossSum: NaN }, payload);
    fc.assert(
      fc.property(fc.constantFrom(0, 1), fc.nat(), (sign, fraction) => {
        const lossSum = nan(sign, fraction);
        expect(contributionHash({ ...totals, lossSum }, payload)).toBe(expected);
      }),
    );
  });
});
