/**
 * Philox4x32-10, a counter-based generator: the n-th block of a stream is a pure function of
 * (key, counter), so that any process can draw any part of the noise without drawing what comes
 * before it. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** Purpose of a stream of random numbers; part of its counter, so that streams never overlap. */
export const RandomPurpose = {
  permutation: 1,
  initialWeights: 2,
  dropout: 3,
  augmentation: 4,
  testSplit: 5,
} as const;
export type RandomPurpose = (typeof RandomPurpose)[keyof typeof RandomPurpose];

/** Names one stream: all fields are unsigned integers; `seed` may have up to 53 bits, others 32. */
export interface RandomKey {
  readonly seed: number;
  readonly purpose: RandomPurpose;
  /** For example the epoch, the step or the parameter's index. */
  readonly a: number;
  /** For example the layer and the position in the batch; up to 24 bits. */
  readonly b?: number;
}

/**
 * Fills `out` with the stream's uniform 32-bit integers, from its beginning.
 * Value i is word i mod 4 of block ⌊i / 4⌋.
 */
export function fillRandom(key: RandomKey, out: Uint32Array): Uint32Array {
  const k0 = key.seed >>> 0;
  const k1 = Math.floor(key.seed / 0x1_0000_0000) >>> 0;
  const c1 = (key.b ?? 0) >>> 0;
  const c2 = key.a >>> 0;
  const whole = out.length - (out.length % 4);
  for (let i = 0, n = 0; i < whole; i += 4, n++) {
    drawBlock(n, c1, c2, key.purpose, k0, k1, out, i);
  }
  if (whole < out.length) {
    const last = new Uint32Array(4);
    drawBlock(whole / 4, c1, c2, key.purpose, k0, k1, last, 0);
    out.set(last.subarray(0, out.length - whole), whole);
  }
  return out;
}

/**
 * Block `n` of a stream, four words, to `out` at `at`. A function of its own, called often, since V8
 * compiles such a one sooner and better than a long loop that runs once.
 */
function drawBlock(
  n: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
  at: number,
): void {
  let x0 = n;
  let x1 = c1;
  let x2 = c2;
  let x3 = c3;
  let r0 = k0;
  let r1 = k1;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(M0, x0);
    const low0 = Math.imul(M0, x0);
    const high1 = multiplyHigh(M1, x2);
    const low1 = Math.imul(M1, x2);
    x0 = high1 ^ x1 ^ r0;
    x1 = low1;
    x2 = high0 ^ x3 ^ r1;
    x3 = low0;
    r0 = (r0 + W0) | 0;
    r1 = (r1 + W1) | 0;
  }
  out[at] = x0;
  out[at + 1] = x1;
  out[at + 2] = x2;
  out[at + 3] = x3;
}

/** The upper 32 bits of a 32 × 32 bit unsigned product, as a signed integer. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0;
}
