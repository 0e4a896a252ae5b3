import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from './errors.js';
import {
  allFinite,
  bytesPerValue,
  canonicalise,
  decodeTensor,
  encodeTensor,
} from './tensor-bytes.js';

const floats = fc.float32Array({ maxLength: 200 });
const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

describe('f32', () => {
  it('brings back every bit, NaN payloads too', () => {
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 200 }), (words) => {
        const values = new Float32Array(words.buffer, words.byteOffset, words.length);
        expect(bitsOf(decodeTensor(encodeTensor(values, 'f32'), 'f32'))).toEqual(words);
      }),
    );
  });

  it('is little-endian', () => {
    expect([...encodeTensor(Float32Array.of(1), 'f32')]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('copies nothing when the bytes are aligned, and only then', () => {
    const values = Float32Array.of(1, 2, 3);
    const bytes = encodeTensor(values, 'f32');
    expect(bytes.buffer).toBe(values.buffer);
    expect(decodeTensor(bytes, 'f32').buffer).toBe(values.buffer);
    const shifted = new Uint8Array(13);
    shifted.set(bytes, 1);
    expect(decodeTensor(shifted.subarray(1), 'f32')).toEqual(values);
    expect(decodeTensor(Buffer.from(shifted.buffer, 1), 'f32')).toEqual(values);
  });

  it('encodes the part of a buffer that is meant', () => {
    const values = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(decodeTensor(encodeTensor(values, 'f32'), 'f32')).toEqual(Float32Array.of(2, 3));
  });
});

describe('bf16', () => {
  it('takes the nearest of the two bfloat16 neighbours, and the even one of a tie', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const exact = Float32Array.of(value);
        const [rounded] = decodeTensor(encodeTensor(exact, 'bf16'), 'bf16');
        const low = bitsOf(exact)[0] & 0xffff0000;
        const [below, above] = new Float32Array(Uint32Array.of(low, low + 0x10000).buffer);
        const toBelow = Math.abs(value - below);
        // What comes after the largest finite number counts as 2^128 when rounding (IEEE 754).
        const next = Number.isFinite(above) ? above : Math.sign(value) * 2 ** 128;
        const toAbove = Math.abs(value - next);
        const isEven = (low & 0x10000) === 0;
        const expected = toBelow < toAbove || (toBelow === toAbove && isEven) ? below : above;
        expect(rounded).toBe(expected);
      }),
    );
  });

  it('keeps what bfloat16 can hold, infinities and signed zeros too', () => {
    fc.assert(
      fc.property(fc.uint16Array({ maxLength: 200 }), (halves) => {
        const bytes = new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
        const values = decodeTensor(bytes, 'bf16');
        const again = decodeTensor(encodeTensor(values, 'bf16'), 'bf16');
        expect(again).toEqual(values);
      }),
    );
  });

  it('keeps every NaN a NaN', () => {
    const nan = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 0x7fffff }));
    fc.assert(
      fc.property(nan, ([negative, fraction]) => {
        const word = ((negative ? 0xff800000 : 0x7f800000) | fraction) >>> 0;
        const values = new Float32Array(Uint32Array.of(word).buffer);
        expect(decodeTensor(encodeTensor(values, 'bf16'), 'bf16')[0]).toBeNaN();
      }),
    );
  });
});

it.each(['f32', 'bf16'] as const)(
  'canonical values as %s are those on the wire, with one 0 and one NaN',
  (wire) => {
    const special = fc.constantFrom(
      0,
      0x8000_0000,
      0x7f80_0001,
      0xffff_ffff,
      0xff80_0000,
      0x8000_0001,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(special, fc.nat(0xffff_ffff)), { maxLength: 70 }), (words) => {
        const values = new Float32Array(Uint32Array.from(words).buffer);
        const sent = decodeTensor(encodeTensor(values, wire).slice(), wire);
        canonicalise(values, wire);
        expect([...bitsOf(values)]).toEqual(
          Array.from(sent, (value, i) => {
            if (Number.isNaN(value)) return 0x7fc0_0000;
            return value === 0 ? 0 : bitsOf(sent)[i];
          }),
        );
      }),
    );
  },
);

it('refuses half a value', () => {
  expect(() => decodeTensor(new Uint8Array(6), 'f32')).toThrow(LockstepError);
  expect(() => decodeTensor(new Uint8Array(3), 'bf16')).toThrow(LockstepError);
});

it('says how many bytes a value takes', () => {
  for (const wire of ['f32', 'bf16'] as const) {
    expect(encodeTensor(new Float32Array(10), wire)).toHaveLength(10 * bytesPerValue[wire]);
  }
});

it('allFinite finds one NaN or infinity anywhere, and nothing else', () => {
  fc.assert(
    fc.property(floats, (values) => {
      expect(allFinite(values)).toBe(values.every(Number.isFinite));
    }),
  );
});
