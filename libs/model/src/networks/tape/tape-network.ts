import { LockstepError, type BufferSpec, type ShardTotals, type Target } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import { filterPictures, type Filters } from '../../inspection/first-filters.js';
import type { Activation, ImageObservation } from '../../inspection/observe-image.js';
import type { DropoutKey } from '../../layers/dropout-mask.js';
import type { Operation, ParameterGradient } from '../../layers/operation.js';
import { countCorrect, mostLikely } from '../../metrics/accuracy.js';
import { predictionsOf } from '../../metrics/predictions.js';
import type { ObjectiveDefinition } from '../../objective/definition.js';
import type { Objective } from '../../objective/objective.js';
import type { ComputedGradient } from '../compute-gradient.js';
import { evaluateOutputs, type BatchEvaluation } from '../evaluate-batch.js';
import type { LayerDescription, Network, NetworkState, ShardRequest } from '../network.js';
import type { NetworkParameter } from '../network-summary.js';
import { sampleCountOf, type Batch } from '../run-network.js';
import { writeLayersModel } from '../save-layers-model.js';
import { SectionWriter } from '../section-writer.js';
import { describeTapeLayers } from './describe-tape-layers.js';
import { GradientPass } from './gradient-pass.js';
import { drawInitial } from './initialisers.js';
import { valueOf } from './recorded-weights.js';
import type { TapeModel, TapePass, TapeWeight } from './tape-model.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

/** What a tape network is made of. */
export interface TapeNetworkParts {
  readonly name: string;
  readonly sourceSha256: string;
  readonly definitionSha256: string;
  /** Shape of one sample. */
  readonly inputShape: readonly number[];
  readonly target: Target;
  /** The loss and the metrics that the model file declares. */
  readonly objective: ObjectiveDefinition;
  readonly model: TapeModel;
  /** The serialised topology. */
  readonly topology: unknown;
}

/** Any LayersModel: its gradients are recorded on tfjs' tape. */
export class TapeNetwork implements Network {
  readonly name: string;
  readonly sourceSha256: string;
  readonly definitionSha256: string;
  /** A LayersModel names the initialisers of its weights itself. */
  readonly initialisation = 'tutorial';
  readonly outputs: number;
  readonly objective: ObjectiveDefinition;
  readonly parameters: readonly NetworkParameter[];
  readonly buffers: readonly BufferSpec[];
  readonly layers: readonly LayerDescription[];
  readonly #tf: TensorFlowLayers;
  readonly #parts: TapeNetworkParts;

  constructor(tensorFlow: TensorFlowLayers, parts: TapeNetworkParts) {
    const { model } = parts;
    this.#tf = tensorFlow;
    this.#parts = parts;
    this.name = parts.name;
    this.sourceSha256 = parts.sourceSha256;
    this.definitionSha256 = parts.definitionSha256;
    this.outputs = model.model.outputs[0].shape[1] ?? 0;
    this.objective = parts.objective;
    this.parameters = model.parameters.map((weight, index) => ({
      ...specOf(weight),
      gradient: 'dense',
      factorable: model.direct.has(index) && isDenseKernel(weight),
    }));
    this.buffers = model.buffers.map(specOf);
    this.layers = describeTapeLayers(model);
  }

  initialWeights(seed: number): Float32Array[] {
    return this.#parts.model.parameters.map((weight) => initialValues(weight, seed));
  }

  initialBuffers(): Float32Array[] {
    return this.#parts.model.buffers.map((weight) => initialValues(weight, 0));
  }

  gradient(request: ShardRequest): Promise<ComputedGradient> {
    return new Promise((resolve) => resolve(this.#gradient(request)));
  }

  evaluate(state: NetworkState, batch: Batch, objective: Objective): BatchEvaluation {
    return this.#pass(state, {}, () =>
      evaluateOutputs(this.#outputs(batch.inputs), batch.targets, objective),
    );
  }

  predict(state: NetworkState, images: Float32Array): Float32Array {
    return this.#pass(state, {}, () => this.#answers(this.#outputs(images)));
  }

  observe(state: NetworkState, image: Float32Array, dropout?: DropoutKey): ImageObservation {
    const activations: Activation[] = [];
    const gradient = dropout && new GradientPass(this.#tf, dropout, () => undefined);
    const pass: TapePass = {
      ...(gradient && { gradient, inference: true }),
      observer: ({ layer }, output) => {
        const [, ...shape] = output.shape;
        const name = this.#parts.model.names.of(layer);
        activations.push({ layer: name, shape, values: output.dataSync<'float32'>() });
      },
    };
    try {
      return this.#pass(state, pass, () => {
        const probabilities = this.#answers(this.#outputs(image));
        return { probabilities, activations };
      });
    } finally {
      gradient?.dispose();
    }
  }

  firstFilters({ weights }: NetworkState, most: number): Filters | undefined {
    const [first] = this.#parts.model.parameters;
    const [kernel] = weights;
    const hasImage = this.#parts.model.leaves
      .slice(0, 2)
      .some(({ layer }) => layer === first?.layer && layer.getClassName() === 'Conv2D');
    if (first === undefined || kernel === undefined || !hasImage) return undefined;
    const layer = this.#parts.model.names.of(first.layer);
    const size = kernel.shape.slice(0, 3) as [number, number, number];
    return filterPictures({ layer, kind: 'conv2d', kernel, size }, most);
  }

  save({ weights, buffers }: NetworkState, folder: string): Promise<void> {
    const { model, topology } = this.#parts;
    const bound = new Map<unknown, tf.Tensor>();
    model.parameters.forEach(({ variable }, i) => bound.set(variable, weights[i]));
    model.buffers.forEach(({ variable }, i) => bound.set(variable, buffers[i]));
    const entries = model.weights.map(({ variable }) => {
      const value = bound.get(variable) ?? valueOf(variable);
      return {
        name: variable.originalName,
        shape: value.shape,
        values: value.dataSync<'float32'>(),
      };
    });
    return writeLayersModel(topology, entries, folder);
  }

  #gradient(request: ShardRequest): ComputedGradient {
    const { parameters, state, batch, clean, factorsKnown } = request;
    const { weights } = state;
    const { model } = this.#parts;
    const sampleCount = sampleCountOf(batch, this.#parts.inputShape);
    const writer = new SectionWriter(parameters, sampleCount, factorsKnown ?? (() => undefined));
    const correct = clean ? this.#cleanCount(state, batch) : {};
    const found = (gradient: ParameterGradient, index: number): void =>
      writer.write(gradient, index);
    const gradient = new GradientPass(this.#tf, request, found);
    const taped = weights.map((_, index) => index).filter((index) => !model.direct.has(index));
    try {
      return this.#pass(state, { gradient }, () => {
        let totals: ShardTotals | undefined;
        const forward = (): tf.Tensor => {
          const x = this.#inputs(batch.inputs);
          const [loss, found] = this.#loss(gradient, model.apply(x), request);
          totals = { ...found, ...correct };
          return loss;
        };
        const tapedWeights = taped.map((index) => weights[index]);
        gradient.run(forward, tapedWeights).forEach((values, i) => {
          if (values === undefined) throw this.#withoutGradient(taped[i]);
          found({ kind: 'dense', values }, taped[i]);
        });
        const after = model.currentBuffers().map((buffer) => buffer.dataSync<'float32'>().slice());
        if (totals === undefined) throw new LockstepError('internal', 'no loss was computed');
        return { totals, sections: writer.sections, buffers: after };
      });
    } finally {
      gradient.dispose();
    }
  }

  /** The loss of a shard as one node of the tape, and its totals. */
  #loss(
    pass: GradientPass,
    outputs: tf.Tensor,
    { batch: { targets }, objective }: ShardRequest,
  ): [tf.Tensor, ShardTotals] {
    const tensorFlow = this.#tf;
    const [sampleCount] = outputs.shape;
    const { lossSum, delta } = objective.loss(outputs, targets);
    const metricSums = objective.metricSums(outputs, targets);
    const totals = { sampleCount, lossSum, metricSums };
    const node: Operation = {
      monotone: false,
      forward: () => ({
        output: tensorFlow.scalar(lossSum),
        backward: () => ({ input: delta, parameters: [] }),
      }),
    };
    pass.keep(delta);
    const loss = pass.record(node, outputs, [], [], true);
    const penalties = this.#parts.model.model.calculateLosses();
    if (penalties.length === 0) return [loss, totals];
    // A step's mean is over the samples of all its shards: each adds its share of the regularisers.
    const penalty = tensorFlow.mul(tensorFlow.addN(penalties), sampleCount);
    const sum = lossSum + penalty.dataSync<'float32'>()[0];
    return [tensorFlow.add(loss, penalty), { ...totals, lossSum: sum }];
  }

  #cleanCount(
    state: NetworkState,
    { inputs, targets }: Batch,
  ): { readonly cleanCorrectCount?: number } {
    if (!(targets instanceof Int32Array)) return {};
    return this.#pass(state, {}, () => ({
      cleanCorrectCount: countCorrect(mostLikely(this.#tf, this.#outputs(inputs)), targets),
    }));
  }

  /** A pass whose tensors are all freed. */
  #pass<Result>(state: NetworkState, pass: TapePass, use: () => Result): Result {
    let result: { readonly value: Result } | undefined;
    this.#tf.tidy(() => {
      result = { value: this.#parts.model.pass(state, pass, use) };
    });
    if (result) return result.value;
    throw new LockstepError('internal', 'a pass gave no result');
  }

  #outputs(images: Float32Array): tf.Tensor {
    return this.#parts.model.apply(this.#inputs(images));
  }

  #inputs(values: Float32Array): tf.Tensor {
    const { inputShape } = this.#parts;
    const sampleCount = sampleCountOf({ inputs: values }, inputShape);
    return this.#tf.tensor(values, [sampleCount, ...inputShape]);
  }

  #answers(outputs: tf.Tensor): Float32Array {
    return predictionsOf(this.#tf, outputs, this.#parts.target).dataSync<'float32'>();
  }

  #withoutGradient(index: number): LockstepError {
    const { name, shape } = this.parameters[index];
    const what = `${this.name}: the loss does not depend on ${name} [${shape.join(', ')}]`;
    return new LockstepError('model-invalid', what, {
      remedy: 'Set trainable: false for its layer, or connect it to the output.',
    });
  }
}

function specOf({ name, variable, frozen }: TapeWeight): BufferSpec {
  return { name, shape: variable.shape as number[], ...(frozen && { frozen }) };
}

/** Its gradient is one product of two matrices. */
function isDenseKernel({ layer, variable }: TapeWeight): boolean {
  return layer.getClassName() === 'Dense' && variable.shape.length === 2;
}

function initialValues({ initialiser, variable, index, given }: TapeWeight, seed: number) {
  if (initialiser === undefined) return given;
  return drawInitial(initialiser, variable.shape as number[], seed, index) ?? given;
}
