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

/**
 * Whether no value is a NaN or an infinity: those alone do not become 0 when multiplied by it. Four
 * sums, as each addition waits for the one before it.
 */
export function allFinite(values: Float32Array): boolean {
  const { length } = values;
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}
