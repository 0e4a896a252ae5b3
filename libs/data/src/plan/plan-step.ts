import {
  fillRandom,
  RandomPurpose,
  shardsPerStep,
  type EvaluationShard,
  type RunSpec,
  type Shard,
} from '@lockstep/core';

/** The RunSpec fields that determine the shards of a step. */
export type StepPlanSpec = Pick<RunSpec, 'batch' | 'shardSize'>;
/** The RunSpec fields that determine which samples a shard holds. */
export type SamplePlanSpec = Pick<RunSpec, 'batch' | 'seed'> & {
  readonly data: Pick<RunSpec['data'], 'trainCount'>;
};

/**
 * The shards of a step: `shardSize` samples each, the last one perhaps fewer. Depends on the RunSpec
 * alone, never on the number of workers.
 *
 * @param step from 1
 */
export function planStep(spec: StepPlanSpec, step: number): Shard[] {
  const { batch, shardSize } = spec;
  return Array.from({ length: shardsPerStep(spec) }, (_, index) => {
    const firstSample = index * shardSize;
    return { step, index, firstSample, sampleCount: Math.min(shardSize, batch - firstSample) };
  });
}

/**
 * The training set's indices of a shard. The run's samples form one sequence: sample i of step s has
 * position p = (s−1)·batch + i and is entry p mod n of epoch ⌊p / n⌋'s permutation. A batch may straddle
 * two epochs.
 *
 * @returns [sampleCount]
 */
export function shardSamples(spec: SamplePlanSpec, shard: Shard): Uint32Array {
  const n = spec.data.trainCount;
  const first = (shard.step - 1) * spec.batch + shard.firstSample;
  return Uint32Array.from({ length: shard.sampleCount }, (_, i) => {
    const position = first + i;
    return cachedPermutation(spec.seed, Math.floor(position / n), n)[position % n];
  });
}

/**
 * The epoch in which each sample of a shard is used.
 *
 * @returns [sampleCount], from 0
 */
export function shardEpochs({ batch, data }: SamplePlanSpec, shard: Shard): Uint32Array {
  const first = (shard.step - 1) * batch + shard.firstSample;
  const epoch = (_: unknown, i: number): number => Math.floor((first + i) / data.trainCount);
  return Uint32Array.from({ length: shard.sampleCount }, epoch);
}

/**
 * Cuts the test set into shards of `shardSize` samples, the last one perhaps fewer, all pinned to one
 * version of the weights.
 */
export function planEvaluation(
  testCount: number,
  version: number,
  shardSize: number,
): EvaluationShard[] {
  return Array.from({ length: Math.ceil(testCount / shardSize) }, (_, index) => {
    const firstSample = index * shardSize;
    const sampleCount = Math.min(shardSize, testCount - firstSample);
    return { version, index, firstSample, sampleCount };
  });
}

/** The two epochs a step can touch, kept since a permutation takes milliseconds to make. */
const recent: { key: string; order: Uint32Array }[] = [];

function cachedPermutation(seed: number, epoch: number, n: number): Uint32Array {
  const key = `${seed}/${epoch}/${n}`;
  const known = recent.find((entry) => entry.key === key);
  if (known !== undefined) return known.order;
  const order = epochPermutation(seed, epoch, n);
  recent.unshift({ key, order });
  recent.length = Math.min(recent.length, 2);
  return order;
}

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
