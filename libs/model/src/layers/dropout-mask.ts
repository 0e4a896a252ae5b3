import { fillRandom, RandomPurpose } from '@lockstep/core';

/** Names the dropout noise of a shard. */
export interface DropoutKey {
  readonly seed: number;
  readonly step: number;
  /** Position of the shard's first sample in the step's global batch. */
  readonly firstSample: number;
  /** Probability of keeping a unit, in (0, 1]. */
  readonly keepProb: number;
}

/** Largest position in a batch that has noise of its own: 16 of the key's 24 bits, 8 are the layer's. */
export const MAX_BATCH = 0x1_0000;
export const MAX_DROPOUT_LAYERS = 0x100;

/**
 * Inverted dropout (Srivastava et al., JMLR 15, 2014): 0 for a dropped unit, 1 / keepProb for a kept
 * one. Row i belongs to position `firstSample + i` of the batch and depends on nothing else, so a
 * sample's noise is the same in whichever shard it is computed. A unit is kept when its 16 random
 * bits, two units to a word, are below keepProb · 2¹⁶.
 *
 * @param layer number of the dropout layer within the model, from 0
 * @param units number of values of one sample
 * @returns [sampleCount, units]
 */
export function dropoutMask(
  key: DropoutKey,
  layer: number,
  sampleCount: number,
  units: number,
): Float32Array {
  const { seed, step, firstSample, keepProb } = key;
  const mask = new Float32Array(sampleCount * units);
  const words = new Uint32Array(Math.ceil(units / 2));
  const halves = new Uint16Array(words.length * 2);
  const threshold = Math.round(keepProb * 0x1_0000);
  const kept = 1 / keepProb;
  for (let sample = 0, at = 0; sample < sampleCount; sample++) {
    const b = layer * MAX_BATCH + firstSample + sample;
    fillRandom({ seed, purpose: RandomPurpose.dropout, a: step, b }, words);
    splitWords(words, halves);
    for (let unit = 0; unit < units; unit++) mask[at++] = halves[unit] < threshold ? kept : 0;
  }
  return mask;
}

/** Low half first, by arithmetic, so that the byte order of the machine does not matter. */
function splitWords(words: Uint32Array, halves: Uint16Array): void {
  for (let i = 0; i < words.length; i++) {
    halves[2 * i] = words[i] & 0xffff;
    halves[2 * i + 1] = words[i] >>> 16;
  }
}
