import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_VALUES } from './chunk-hash.js';
import { contributionHash, sectionRoots } from './contribution.js';
import { decodeGradient, encodeGradient } from './gradient-bytes.js';
import { canonicalise, decodeTensor, encodeTensor } from './tensor-bytes.js';

const totals = { sampleCount: 4, metricSums: [1], lossSum: 9.25 };
const values = { factored: Float32Array.of(1, 2), dense: Float32Array.of(3, 4) };
const roots = sectionRoots(values);

/** A NaN with this sign and payload. */
function nan(sign: number, fraction: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, (sign * 0x80000000 + 0x7ff80000) >>> 0);
  view.setUint32(4, fraction);
  return view.getFloat64(0);
}

describe('contributionHash', () => {
  it('is what its definition says, written out for two chunks', () => {
    const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
      createHash('sha256').update(Buffer.concat(parts)).digest();
    const leaf = (chunk: readonly number[]): Buffer => {
      const bytes = Buffer.alloc(4 * chunk.length);
      chunk.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
      return sha256(Uint8Array.of(0), bytes);
    };
    const dense = Array.from({ length: CHUNK_VALUES + 1 }, (_, i) => (i % 3) / 4);
    const denseRoot = sha256(
      Uint8Array.of(1),
      leaf(dense.slice(0, CHUNK_VALUES)),
      leaf(dense.slice(CHUNK_VALUES)),
    );
    const head = Buffer.alloc(12 + 3 * 8);
    head.writeUInt32LE(50, 0); // samples
    head.writeInt32LE(-1, 4); // not classified without dropout
    head.writeUInt32LE(2, 8); // metric sums
    [57.25, 31, 2.5].forEach((sum, i) => head.writeDoubleLE(sum, 12 + 8 * i));
    const expected = sha256(head, leaf([0.5, 0, -2]), denseRoot).toString('hex');

    const sections = { factored: Float32Array.of(0.5, 0, -2), dense: Float32Array.from(dense) };
    const sums = { sampleCount: 50, lossSum: 57.25, metricSums: [31, 2.5] };
    expect(contributionHash(sums, sectionRoots(sections))).toBe(expected);
    expect(expected).toBe('71636e6a7eccea50edc8e9d6bcc37d2b0476e4e8144eb012f867f07af39e116a');
  });

  it('depends on every total and every value', () => {
    const changed = (change: Partial<typeof values>): string =>
      contributionHash(totals, sectionRoots({ ...values, ...change }));
    const hashes = [
      contributionHash(totals, roots),
      contributionHash({ ...totals, sampleCount: 5 }, roots),
      contributionHash({ ...totals, metricSums: [2] }, roots),
      contributionHash({ ...totals, metricSums: [1, 0] }, roots),
      contributionHash({ ...totals, lossSum: 9.250000000000002 }, roots),
      contributionHash({ ...totals, lossSum: NaN }, roots),
      contributionHash({ ...totals, lossSum: 0 }, roots),
      contributionHash({ ...totals, lossSum: Infinity }, roots),
      contributionHash({ ...totals, cleanCorrectCount: 0 }, roots),
      changed({ factored: Float32Array.of(1, 3) }),
      changed({ dense: Float32Array.of(3, 5) }),
      changed({ factored: values.dense, dense: values.factored }),
      changed({ factored: Float32Array.of(1, 2, 3), dense: Float32Array.of(4) }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is one for every NaN, since a NaN may change its bits on the wire', () => {
    const expected = contributionHash({ ...totals, lossSum: NaN }, roots);
    fc.assert(
      fc.property(fc.constantFrom(0, 1), fc.nat(), (sign, fraction) => {
        const lossSum = nan(sign, fraction);
        expect(contributionHash({ ...totals, lossSum }, roots)).toBe(expected);
      }),
    );
  });

  it.each(['f32', 'bf16'] as const)('is one at both ends of the wire, as %s', (wire) => {
    const words = fc.array(fc.oneof(fc.constantFrom(0, 0x8000_0000), fc.nat(0xffff_ffff)), {
      maxLength: 70,
    });
    fc.assert(
      fc.property(words, (bits) => {
        const section = new Float32Array(Uint32Array.from(bits).buffer);
        canonicalise(section, wire);
        const received = decodeGradient(encodeGradient(section, wire), section.length, wire);
        const inFull = decodeTensor(encodeTensor(section, wire), wire);
        const of = (dense: Float32Array): string =>
          contributionHash(totals, sectionRoots({ ...values, dense }));
        expect([of(received), of(inFull)]).toEqual([of(section), of(section)]);
      }),
    );
  });
});
