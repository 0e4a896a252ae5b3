import type { Gradient, RunSpec } from '@lockstep/core';
import { firstFilters, type Filters, type Model } from '@lockstep/model';
import type { TrainingState } from '@lockstep/optim';
import type { Observation, ParameterHistograms } from './engine-protocol.js';
import { histograms } from './histograms.js';
import { nextDropout, observe } from './observe.js';

/** Looks at a run's current state; none of it changes the state. */
export interface Inspection {
  observe(image: Float32Array, activations: boolean, dropoutOf?: number): Observation;
  histograms(): { version: number; parameters: readonly ParameterHistograms[] };
  firstFilters(most: number): { version: number; filters?: Filters };
}

/** @param now the state, and the update that made it where it was not loaded */
export function createInspection(
  spec: RunSpec,
  model: Model,
  now: () => { readonly state: TrainingState; readonly update: Gradient | undefined },
): Inspection {
  return {
    observe: (image, activations, dropoutOf) => {
      const { state } = now();
      const dropout =
        dropoutOf === undefined ? {} : { dropout: nextDropout(spec, state, dropoutOf) };
      return observe(model, state, image, { activations, ...dropout });
    },
    histograms: () => {
      const { state, update } = now();
      return { version: state.version, parameters: histograms(spec, state.weights, update) };
    },
    firstFilters: (most) => {
      const { version, weights } = now().state;
      const filters = firstFilters(model, weights, most);
      return { version, ...(filters && { filters }) };
    },
  };
}
