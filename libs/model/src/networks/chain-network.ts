import { sizeOf, type BufferSpec, type Initialisation } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import { firstFilters, type Filters } from '../inspection/first-filters.js';
import { observeImage, type ImageObservation } from '../inspection/observe-image.js';
import { receptiveFields } from '../inspection/receptive-field.js';
import type { DropoutKey } from '../layers/dropout-mask.js';
import type { ObjectiveDefinition } from '../objective/definition.js';
import type { Objective } from '../objective/objective.js';
import { computeGradient, type ComputedGradient } from './compute-gradient.js';
import { evaluateBatch, predict, type BatchEvaluation } from './evaluate-batch.js';
import { initialWeights } from './initial-weights.js';
import type { Model } from './model.js';
import type { LayerDescription, Network, NetworkState, ShardRequest } from './network.js';
import type { NetworkParameter } from './network-summary.js';
import type { Batch } from './run-network.js';
import { saveLayersModel } from './save-layers-model.js';

/** A chain of Lockstep's layers, whose gradients are written out: the fast implementation. */
export class ChainNetwork implements Network {
  readonly name: string;
  readonly sourceSha256?: string;
  readonly definitionSha256?: string;
  readonly initialisation: Initialisation;
  readonly parameters: readonly NetworkParameter[];
  readonly buffers: readonly BufferSpec[];
  readonly layers: readonly LayerDescription[];
  readonly outputs: number;
  readonly objective: ObjectiveDefinition;
  readonly #model: Model;

  constructor(model: Model) {
    const { name, sourceSha256, definitionSha256, initialisation, parameters } = model;
    this.#model = model;
    this.name = name;
    if (sourceSha256 !== undefined) this.sourceSha256 = sourceSha256;
    if (definitionSha256 !== undefined) this.definitionSha256 = definitionSha256;
    this.initialisation = initialisation;
    this.parameters = parameters;
    this.buffers = model.buffers.map(({ name, shape }) => ({ name, shape }));
    this.layers = describeLayers(model);
    this.outputs = model.layers.at(-1)?.outputShape[0] ?? 0;
    this.objective = model.objective;
  }

  initialWeights(seed: number): Float32Array[] {
    return initialWeights(this.#model, seed);
  }

  initialBuffers(): Float32Array[] {
    return this.#model.buffers.map(({ shape, value }) =>
      new Float32Array(sizeOf(shape)).fill(value),
    );
  }

  gradient(request: ShardRequest): Promise<ComputedGradient> {
    const { parameters, state, batch, factorsKnown } = request;
    return new Promise((resolve) =>
      resolve(
        computeGradient(this.#model, parameters, tensorsOf(state), batch, request, factorsKnown),
      ),
    );
  }

  evaluate(state: NetworkState, batch: Batch, objective: Objective): BatchEvaluation {
    return evaluateBatch(this.#model, tensorsOf(state), batch, objective);
  }

  predict(state: NetworkState, images: Float32Array): Float32Array {
    return predict(this.#model, tensorsOf(state), images);
  }

  observe(state: NetworkState, image: Float32Array, dropout?: DropoutKey): ImageObservation {
    return observeImage(this.#model, tensorsOf(state), image, dropout);
  }

  firstFilters({ weights }: NetworkState, most: number): Filters | undefined {
    return firstFilters(this.#model, weights, most);
  }

  save(state: NetworkState, folder: string): Promise<void> {
    return saveLayersModel(this.#model, tensorsOf(state), folder);
  }
}

/** One tensor per parameter, then one per buffer. */
function tensorsOf({ weights, buffers }: NetworkState): tf.Tensor[] {
  return [...weights, ...buffers];
}

function describeLayers(model: Model): LayerDescription[] {
  const fields = receptiveFields(model);
  return model.layers.map(({ parameters }, index) => {
    const receptiveField = fields[index];
    return {
      ...model.summary[index],
      parameters: parameters.map(({ name, shape }) => ({ name, shape })),
      ...(receptiveField && { receptiveField }),
    };
  });
}
