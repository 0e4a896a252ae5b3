import { fillRandom, LockstepError, RandomPurpose } from '@lockstep/core';
import type { SplitSettings } from './split-settings.js';

/** Share of the samples to test on. */
export const USUAL_SHARE = 0.2;

/** Which samples of a source are trained on and which are tested on; ascending, disjoint. */
export interface SplitIndices {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Divides samples at random into a training and a test set. With classes, each is divided on its own
 * (stratified), and keeps at least one training sample. The division depends on settings, number and
 * classes of the samples only.
 *
 * @param classes [count] class of each sample; undefined for a regression
 * @param source for messages
 * @throws LockstepError `data-invalid` where there are too few samples for both
 */
export function splitSamples(
  count: number,
  classes: Int32Array | undefined,
  { testSplit = USUAL_SHARE, splitSeed = 0 }: SplitSettings,
  source: string,
): SplitIndices {
  const keys = sampleKeys(count, splitSeed);
  const isTest = new Uint8Array(count);
  let testCount = 0;
  for (const members of membersByClass(count, classes)) {
    const taken = Math.min(members.length - 1, Math.round(members.length * testSplit));
    members.sort((a, b) => keys[a] - keys[b] || a - b);
    for (const index of members.slice(0, taken)) isTest[index] = 1;
    testCount += taken;
  }
  if (testCount === 0) {
    throw new LockstepError(
      'data-invalid',
      `${source} has ${count} samples: too few to test on ${testSplit * 100} % of them`,
      { remedy: 'give more samples, a larger --test-split, or a test set of its own' },
    );
  }
  const chosen = (test: number): Uint32Array =>
    Uint32Array.from({ length: count }, (_, index) => index).filter((i) => isTest[i] === test);
  return { train: chosen(0), test: chosen(1) };
}

/** A uniform number for each sample, of 53 bits. */
function sampleKeys(count: number, seed: number): Float64Array {
  const words = new Uint32Array(2 * count);
  fillRandom({ seed, purpose: RandomPurpose.testSplit, a: 0 }, words);
  return Float64Array.from({ length: count }, (_, i) => {
    return words[2 * i] * 0x20_0000 + (words[2 * i + 1] >>> 11);
  });
}

function membersByClass(count: number, classes: Int32Array | undefined): readonly number[][] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (!classes) return [all];
  const members = new Map<number, number[]>();
  for (const index of all) {
    const own = members.get(classes[index]) ?? [];
    own.push(index);
    members.set(classes[index], own);
  }
  return [...members.values()];
}
