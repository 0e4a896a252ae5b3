import { LockstepError } from './errors.js';
import type { WireFormat } from './run-spec.js';

/** Bytes one number takes on the wire. */
export const bytesPerValue = { f32: 4, bf16: 2 } as const satisfies Record<WireFormat, number>;

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
if (!littleEndian) {
  throw new LockstepError('internal', 'Lockstep needs a little-endian machine');
}

/**
 * Numbers as wire bytes, little-endian. `f32` is a view of `values` (no copy, so the numbers must
 * not change until the bytes are sent); `bf16` rounds to nearest even and keeps NaN a NaN.
 */
export function encodeTensor(values: Float32Array, wire: WireFormat): Uint8Array {
  if (wire === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    // A NaN whose payload sits in the lower half would round to an infinity: set the quiet bit.
    halves[i] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(halves.buffer);
}

/**
 * The numbers of wire bytes. `f32` is a view when the bytes are 4-byte aligned, else a copy.
 *
 * @throws LockstepError `protocol-violation` when the length is no whole number of values
 */
export function decodeTensor(bytes: Uint8Array, wire: WireFormat): Float32Array {
  const size = bytesPerValue[wire];
  if (bytes.byteLength % size !== 0) {
    throw new LockstepError(
      'protocol-violation',
      `${bytes.byteLength} bytes are no whole number of ${wire} values`,
    );
  }
  // A Buffer's own `slice` would not copy.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const length = bytes.byteLength / size;
  if (wire === 'f32') return new Float32Array(aligned.buffer, aligned.byteOffset, length);
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, length);
  const bits = new Uint32Array(length);
  for (let i = 0; i < length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

const SIGN = 0x8000_0000 | 0;
const EXPONENT = 0x7f80_0000;
const QUIET_NAN = 0x7fc0_0000;

/**
 * Makes values canonical, in place: rounded to the wire format, −0 as 0, and every NaN as the quiet one
 * without payload. `encodeGradient` and `decodeGradient` keep every bit of such values.
 */
export function canonicalise(values: Float32Array, wire: WireFormat): void {
  // As signed words, which V8 keeps in registers as they are.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const isRounded = wire === 'bf16';
  for (let i = 0; i < bits.length; i++) {
    let word = bits[i];
    if ((word & ~SIGN) > EXPONENT) {
      bits[i] = QUIET_NAN;
      continue;
    }
    if (isRounded) word = (word + 0x7fff + ((word >>> 16) & 1)) & ~0xffff;
    const magnitude = word << 1;
    // Without a branch, which would be guessed wrong too often.
    bits[i] = word & ((magnitude | (-magnitude | 0)) >> 31);
  }
}

/** Whether no value is a NaN or an infinity: in those alone every bit of the exponent is set. */
export function allFinite(values: Float32Array): boolean {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  let found = 0;
  for (let i = 0; i < bits.length; i++) found |= (bits[i] & EXPONENT) + 0x0080_0000;
  return found >= 0; // the addition carries into the sign
}
