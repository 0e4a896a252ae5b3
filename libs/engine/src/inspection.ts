import { sizeOf, type Gradient, type RunSpec } from '@lockstep/core';
import {
  histogramOf,
  quantise,
  sampleGradient,
  sampleTensor,
  type DropoutKey,
  type Filters,
  type Histogram,
  type Network,
} from '@lockstep/model';
import type { TrainingState } from '@lockstep/optim';
import { evaluatedState } from './network-state.js';
import type { Observation, ParameterHistograms, QuantisedActivation } from './engine-protocol.js';

const BINS = 64;
/**
 * Number of values sampled from each parameter. A bin's share then has a typical error of at most
 * 0.2 %, and a dense layer with millions of values costs the thread no more than a small one.
 */
const MOST_VALUES = 65_536;

/** Reads one state of a run without changing it. */
export class Inspection {
  readonly #spec: RunSpec;
  readonly #network: Network;
  readonly #state: TrainingState;
  readonly #update: Gradient | undefined;

  /** @param update the update that led to the state; undefined where the state was loaded */
  constructor(spec: RunSpec, network: Network, state: TrainingState, update: Gradient | undefined) {
    this.#spec = spec;
    this.#network = network;
    this.#state = state;
    this.#update = update;
  }

  /**
   * Predicts one image, one byte for each value of each layer.
   *
   * @param image [height · width · channels], in [0, 1]
   * @param dropoutOf place in the batch whose dropout in the next step is used; none if absent
   */
  observe(image: Float32Array, activations: boolean, dropoutOf?: number): Observation {
    const { version } = this.#state;
    const state = evaluatedState(this.#state);
    if (!activations && dropoutOf === undefined) {
      const probabilities = Float32Array.from(this.#network.predict(state, image));
      return { version, probabilities, activations: [], levels: new Uint8Array(0) };
    }
    const dropout = dropoutOf === undefined ? undefined : this.#nextDropout(dropoutOf);
    const seen = this.#network.observe(state, image, dropout);
    const probabilities = Float32Array.from(seen.probabilities);
    return { version, probabilities, ...pack(activations ? seen.activations : []) };
  }

  /** Histograms of every parameter, and of the last mean gradient where it is known. */
  histograms(): { version: number; parameters: readonly ParameterHistograms[] } {
    const { model, batch } = this.#spec;
    const parameters = model.parameters.map(({ name, shape }, index) => {
      const values = sampleTensor(this.#state.weights[index], MOST_VALUES);
      const entry = this.#update?.[index];
      return {
        name,
        size: sizeOf(shape),
        sampled: values.length,
        weights: histogramOf(values, BINS),
        ...(entry && { gradient: meanOf(sampleGradient(entry, shape, MOST_VALUES), batch) }),
      };
    });
    return { version: this.#state.version, parameters };
  }

  /** @param most number of filters returned at most */
  firstFilters(most: number): { version: number; filters?: Filters } {
    const { version } = this.#state;
    const filters = this.#network.firstFilters(evaluatedState(this.#state), most);
    return { version, ...(filters && { filters }) };
  }

  /** The dropout of the step after this state. */
  #nextDropout(firstSample: number): DropoutKey {
    const { seed, keepProb } = this.#spec;
    return { seed, keepProb, step: this.#state.version + 1, firstSample };
  }
}

/** The histogram of means, from sums over `batch` samples. */
function meanOf(sums: Float32Array, batch: number): Histogram {
  return histogramOf(
    sums.map((sum) => sum / batch),
    BINS,
  );
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
