import { fillRandom, imageShapeOf, RandomPurpose, type RunSpec } from '@lockstep/core';
import type { Change, Draws } from './augmentation.js';
import { changesOf } from './registry.js';

/** Random words for each change of a picture. */
const WORDS = 4;
const RANGE = 2 ** 32;

/** The RunSpec fields that determine how samples are changed. */
export type AugmentSpec = Pick<RunSpec, 'seed' | 'augment'> & {
  readonly data: Pick<RunSpec['data'], 'inputShape'>;
};

/**
 * Changes training pictures at random. What becomes of a sample in an epoch depends on (seed, epoch,
 * sample) alone: not on its shard, nor on the worker that computes it.
 */
export class Augmenter {
  readonly #seed: number;
  readonly #shape: readonly [number, number, number];
  readonly #changes: readonly Change[];
  readonly #words: Uint32Array;
  readonly #changed: Float32Array;

  private constructor(spec: AugmentSpec, changes: readonly Change[]) {
    const [height, width, channels] = imageShapeOf(spec.data);
    this.#seed = spec.seed;
    this.#shape = [height, width, channels];
    this.#changes = changes;
    this.#words = new Uint32Array(WORDS * changes.length);
    this.#changed = new Float32Array(height * width * channels);
  }

  /** @returns undefined for a run that trains on its samples as they are */
  static of(spec: AugmentSpec): Augmenter | undefined {
    const { augment = [] } = spec;
    return augment.length === 0 ? undefined : new Augmenter(spec, changesOf(augment));
  }

  /**
   * Changes samples in place.
   *
   * @param inputs [count, height, width, channels] in [0, 1]
   * @param samples [count] their numbers in the training set
   * @param epochs [count] the epoch in which each is used
   */
  augment(inputs: Float32Array, samples: Uint32Array, epochs: Uint32Array): void {
    const [height, width, channels] = this.#shape;
    const size = height * width * channels;
    for (let i = 0; i < samples.length; i++) {
      const values = inputs.subarray(i * size, (i + 1) * size);
      const key = { seed: this.#seed, purpose: RandomPurpose.augmentation };
      fillRandom({ ...key, a: epochs[i], b: samples[i] }, this.#words);
      this.#changes.forEach((change, n) => {
        change({ values, height, width, channels }, this.#changed, this.#draws(WORDS * n));
        values.set(this.#changed);
      });
    }
  }

  #draws(at: number): Draws {
    const draw = (place: number): number => (this.#words[at + place] + 0.5) / RANGE;
    return [draw(0), draw(1), draw(2), draw(3)];
  }
}
