import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from './errors.js';
import { decodeGradient, encodeGradient, mostGradientBytes } from './gradient-bytes.js';
import { decodeTensor, encodeTensor } from './tensor-bytes.js';

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/** Words of any bits, mostly zeros, over all lengths around a mask's end. */
const words = fc
  .uint8Array({ maxLength: 70 })
  .chain((kinds) =>
    fc
      .array(fc.nat(0xffffffff), { minLength: kinds.length, maxLength: kinds.length })
      .map((any) => Uint32Array.from(any, (word, i) => (kinds[i] < 180 ? 0 : word))),
  );

describe.each(['f32', 'bf16'] as const)('a gradient as %s', (wire) => {
  it('comes back with every bit that the format holds, −0 as 0', () => {
    fc.assert(
      fc.property(words, (bits) => {
        const values = new Float32Array(bits.buffer);
        const expected = decodeTensor(encodeTensor(values, wire).slice(), wire);
        const bytes = encodeGradient(values, wire);
        const back = decodeGradient(bytes, values.length, wire);
        bitsOf(expected).forEach((word, i) => {
          expect(bitsOf(back)[i]).toBe(bits[i] << 1 === 0 ? 0 : word);
        });
        expect(bytes.byteLength).toBeLessThanOrEqual(mostGradientBytes(values.length, wire));
      }),
    );
  });

  it('is read from any place in memory', () => {
    const bytes = encodeGradient(Float32Array.of(0, 1.5, 0, -2), wire);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const place of [shifted.subarray(1), Buffer.from(shifted.buffer, 1)]) {
      expect([...decodeGradient(place, 4, wire)]).toEqual([0, 1.5, 0, -2]);
    }
  });

  it('is refused where the bytes are not those of so many values, and never read beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(80), (bytes, count) => {
        let values: Float32Array;
        try {
          values = decodeGradient(bytes, count, wire);
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
          return;
        }
        expect(values).toHaveLength(count);
      }),
      { numRuns: 500 },
    );
    const bytes = encodeGradient(Float32Array.of(1, 0, 2), wire);
    const cut = bytes.slice(0, -2);
    const beyond = Uint8Array.from(bytes, (byte, i) => (i === 0 ? 0b1010 : byte));
    for (const wrong of [cut, beyond, new Uint8Array(0)]) {
      expect(() => decodeGradient(wrong, 3, wire)).toThrow(LockstepError);
    }
  });
});

it('takes a bit for a zero', () => {
  expect(encodeGradient(new Float32Array(64), 'f32')).toHaveLength(8);
  expect(mostGradientBytes(64, 'f32')).toBe(8 + 256);
  expect(mostGradientBytes(33, 'bf16')).toBe(8 + 66);
});
