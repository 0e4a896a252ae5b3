import { LockstepError } from './errors.js';
import type { WireFormat } from './run-spec.js';
import { bytesPerValue, decodeTensor, encodeTensor } from './tensor-bytes.js';

const WORD_BITS = 32;
const WORD_BYTES = 4;
/** No zero among 32 values, as is usual in a dense section: they are moved without looking at bits. */
const ALL = -1;

/**
 * A gradient's values as wire bytes, the zeros left out: one bit per value, little-endian words of
 * 32, that says whether it is not zero, and then those values in order, as `encodeTensor` writes
 * them. What a ReLU and dropout leave is mostly zeros, so this is several times shorter than all
 * values, and exact: −0 alone comes back as 0.
 *
 * @returns bytes that own their buffer; equal gradients give equal bytes
 */
export function encodeGradient(values: Float32Array, wire: WireFormat): Uint8Array<ArrayBuffer> {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const masks = new Uint32Array(wordCount(bits.length));
  const kept = scratchOf(bits.length);
  let end = 0;
  for (let word = 0, at = 0; word < masks.length; word++) {
    const stop = Math.min(at + WORD_BITS, bits.length);
    let mask = 0;
    // Without a branch, which would be guessed wrong too often: a zero is overwritten by what follows.
    for (let bit = 0; at < stop; at++, bit++) {
      const value = bits[at];
      const magnitude = value << 1; // 0 for −0 too
      const isKept = (magnitude | (-magnitude | 0)) >>> (WORD_BITS - 1);
      kept[end] = value;
      end += isKept;
      mask |= isKept << bit;
    }
    masks[word] = mask;
  }
  const encoded = encodeTensor(new Float32Array(kept.buffer, 0, end), wire);
  const bytes = new Uint8Array(masks.byteLength + encoded.length);
  bytes.set(new Uint8Array(masks.buffer));
  bytes.set(encoded, masks.byteLength);
  return bytes;
}

let scratch = new Int32Array(0);

/** Room for so many values, used again by every call. */
function scratchOf(length: number): Int32Array {
  if (scratch.length < length) scratch = new Int32Array(length);
  return scratch;
}

/**
 * The gradient of wire bytes.
 *
 * @param count number of its values
 * @throws LockstepError `protocol-violation` when the bytes are not those of so many values
 */
export function decodeGradient(bytes: Uint8Array, count: number, wire: WireFormat): Float32Array {
  const { masks, values } = readGradient(bytes, count, wire);
  // As whole numbers: moved as floats, a NaN may come out as another one.
  const kept = new Int32Array(values.buffer, values.byteOffset, values.length);
  const gradient = new Int32Array(count);
  let next = 0;
  for (let word = 0; word < masks.length; word++) {
    const at = word * WORD_BITS;
    let mask = masks[word] | 0;
    if (mask === ALL) {
      for (let bit = 0; bit < WORD_BITS; bit++) gradient[at + bit] = kept[next + bit];
      next += WORD_BITS;
      continue;
    }
    for (; mask !== 0; mask &= mask - 1) gradient[at + lowestBit(mask)] = kept[next++];
  }
  return new Float32Array(gradient.buffer);
}

/** Most bytes that a gradient of so many values takes: when none is zero. */
export function mostGradientBytes(count: number, wire: WireFormat): number {
  return wordCount(count) * WORD_BYTES + count * bytesPerValue[wire];
}

interface GradientParts {
  readonly masks: Uint32Array;
  readonly values: Float32Array;
}

function readGradient(bytes: Uint8Array, count: number, wire: WireFormat): GradientParts {
  const head = wordCount(count) * WORD_BYTES;
  if (bytes.byteLength < head) throw mismatch(bytes, count);
  const aligned = bytes.byteOffset % WORD_BYTES === 0 ? bytes : Uint8Array.from(bytes);
  const masks = new Uint32Array(aligned.buffer, aligned.byteOffset, head / WORD_BYTES);
  const values = decodeTensor(aligned.subarray(head), wire);
  let kept = 0;
  for (const mask of masks) kept += ones(mask);
  const beyond = count % WORD_BITS === 0 ? 0 : (masks.at(-1) ?? 0) >>> (count % WORD_BITS);
  if (kept !== values.length || beyond !== 0) throw mismatch(bytes, count);
  return { masks, values };
}

/** Place of the lowest bit that is set. */
function lowestBit(word: number): number {
  return WORD_BITS - 1 - Math.clz32(word & (-word | 0));
}

/** Number of bits that are set (Warren, Hacker's Delight, 5-1). */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function wordCount(count: number): number {
  return Math.ceil(count / WORD_BITS);
}

function mismatch(bytes: Uint8Array, count: number): LockstepError {
  const what = `${bytes.byteLength} bytes are not those of a gradient of ${count} values`;
  return new LockstepError('protocol-violation', what);
}
