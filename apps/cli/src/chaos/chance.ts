import { fillRandom, RandomPurpose } from '@lockstep/core';

/** Draws numbers in [0, 1), one after the other, the same for the same seed. */
export type Chance = () => number;

/** Sets this stream apart from those of a training with the same seed. */
const STREAM = 0xc4a05;

/** @param seed unsigned integer of up to 53 bits */
export function chanceFrom(seed: number): Chance {
  const word = new Uint32Array(1);
  let drawn = 0;
  return () => {
    fillRandom({ seed, purpose: RandomPurpose.permutation, a: drawn++, b: STREAM }, word);
    return (word[0] ?? 0) / 2 ** 32;
  };
}

/** One of some values; undefined where there is none. */
export function pick<Value>(values: readonly Value[], chance: Chance): Value | undefined {
  return values[Math.floor(chance() * values.length)];
}

/** The values in another order, each order as likely (Fisher and Yates). */
export function shuffle<Value>(values: readonly Value[], chance: Chance): Value[] {
  const left = [...values];
  return values.flatMap(() => left.splice(Math.floor(chance() * left.length), 1));
}
