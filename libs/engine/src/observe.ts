import type { RunSpec } from '@lockstep/core';
import { observeImage, predict, quantise, type DropoutKey, type Model } from '@lockstep/model';
import type { TrainingState } from '@lockstep/optim';
import type { Observation, QuantisedActivation } from './engine-protocol.js';

/** The noise that the step after a state has for a place of its batch. */
export function nextDropout(
  { seed, keepProb }: Pick<RunSpec, 'seed' | 'keepProb'>,
  { version }: Pick<TrainingState, 'version'>,
  firstSample: number,
): DropoutKey {
  return { seed, keepProb, step: version + 1, firstSample };
}

/** What a state makes of one image, one byte for each value of each layer. */
export function observe(
  model: Model,
  { version, weights }: TrainingState,
  image: Float32Array,
  { activations, dropout }: { activations: boolean; dropout?: DropoutKey },
): Observation {
  if (!activations && dropout === undefined) {
    const probabilities = Float32Array.from(predict(model, weights, image));
    return { version, probabilities, activations: [], levels: new Uint8Array(0) };
  }
  const seen = observeImage(model, weights, image, dropout);
  const probabilities = Float32Array.from(seen.probabilities);
  const packed = pack(activations ? seen.activations : []);
  return { version, probabilities, ...packed };
}

function pack(
  seen: readonly {
    readonly layer: string;
    readonly shape: readonly number[];
    readonly values: Float32Array;
  }[],
): Pick<Observation, 'activations' | 'levels'> {
  const levels = new Uint8Array(seen.reduce((sum, { values }) => sum + values.length, 0));
  let offset = 0;
  const activations = seen.map(({ layer, shape, values }): QuantisedActivation => {
    const { low, high, levels: own } = quantise(values);
    const entry = { layer, shape, low, high, offset };
    levels.set(own, offset);
    offset += own.length;
    return entry;
  });
  return { activations, levels };
}
