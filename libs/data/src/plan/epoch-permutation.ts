import { fillRandom, RandomPurpose } from '@lockstep/core';

/** Words drawn at a time; part of what the permutation is, so never to be changed. */
const CHUNK = 4096;

/**
 * The order in which an epoch visits the training set: Fisher–Yates, in the form of Durstenfeld
 * (CACM 7(7), 1964), driven by the stream (seed, epoch).
 *
 * @param epoch from 0
 * @returns [n], each of 0 … n−1 once
 */
export function epochPermutation(seed: number, epoch: number, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, index) => index);
  const below = boundedIntegers(seed, epoch);
  for (let last = n - 1; last > 0; last--) {
    const other = below(last + 1);
    const kept = order[last];
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}

/** A source of unbiased integers in [0, bound): words in the last, incomplete cycle are drawn again. */
function boundedIntegers(seed: number, epoch: number): (bound: number) => number {
  const words = new Uint32Array(CHUNK);
  let chunk = 0;
  let used = CHUNK;
  const next = (): number => {
    if (used === CHUNK) {
      fillRandom({ seed, purpose: RandomPurpose.permutation, a: epoch, b: chunk++ }, words);
      used = 0;
    }
    return words[used++];
  };
  return (bound) => {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let word = next();
    while (word >= limit) word = next();
    return word % bound;
  };
}
