import { fillRandom, RandomPurpose } from '../counter-random.js';

/** Random numbers from a seed: equal seeds draw equal numbers, in order. */
export interface RandomSource {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [low, high]. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly Value[]): Value | undefined;
  /** A source of its own, whose numbers do not depend on how often this one is drawn from later. */
  fork(): RandomSource;
}

const BLOCK = 256;

/** @param seed unsigned integer of up to 53 bits */
export function createRandomSource(seed: number, stream = 0): RandomSource {
  const block = new Uint32Array(BLOCK);
  let used = BLOCK;
  let blocks = 0;
  let forks = 0;
  const next = (): number => {
    if (used === BLOCK) {
      fillRandom({ seed, purpose: RandomPurpose.permutation, a: blocks++, b: stream }, block);
      used = 0;
    }
    return block[used++] / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (values) => values[Math.floor(next() * values.length)],
    fork: () => createRandomSource(seed, stream * 31 + ++forks),
  };
}
