import { allFinite, LockstepError, sizeOf } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import { chooseObjective } from '../../objective/choose-objective.js';
import { makeObjective } from '../../objective/objective.js';
import type { ComputedGradient } from '../compute-gradient.js';
import type { Batch } from '../run-network.js';
import { failureReason } from '../../failure-reason.js';
import { GradientPass } from './gradient-pass.js';
import type { ModelPlace } from './build-network.js';
import type { TapeModel } from './tape-model.js';
import type { TapeNetwork } from './tape-network.js';
import type { TensorFlowLayers } from './tensorflow-layers.js';

/** Enough for the statistics of a batch. */
const SAMPLES = 2;

/** The key of the trial's dropout. */
const KEY = { seed: 0, step: 1, firstSample: 0, keepProb: 1 };

/**
 * Computes the gradient of a small batch twice, with the default loss for its targets, and refuses a network whose gradient cannot be
 * computed, is not finite, or differs between the two.
 *
 * @throws LockstepError `model-invalid`, naming the layer
 */
export async function checkTapeNetwork(
  tensorFlow: TensorFlowLayers,
  network: TapeNetwork,
  model: TapeModel,
  place: ModelPlace & { readonly where: string },
): Promise<void> {
  const { where } = place;
  const tensors = (
    values: readonly Float32Array[],
    specs: readonly { shape: readonly number[] }[],
  ) => values.map((each, i) => tensorFlow.tensor(each, [...specs[i].shape], 'float32'));
  const state = {
    weights: tensors(network.initialWeights(0), network.parameters),
    buffers: tensors(network.initialBuffers(), network.buffers),
  };
  const batch = trialBatch(place);
  const fit = { outputs: network.outputs, target: place.target };
  const objective = makeObjective(tensorFlow, chooseObjective({}, { given: {} }, fit), {}, fit);
  const request = { ...KEY, clean: true, parameters: network.parameters, objective, state, batch };
  try {
    const first = await network.gradient(request);
    const second = await network.gradient(request);
    if (isFinite(first) && isSame(first, second)) return;
    const outputs = [0, 1].map(() => outputsOf(tensorFlow, model, state, place, batch));
    throw isFinite(first) ? random(where, outputs) : notFinite(where, outputs[0]);
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    const reason = failureReason(cause);
    throw invalid(
      `${where}: its gradient cannot be computed: ${reason}`,
      'Use layers whose operations have a gradient on this backend.',
      cause,
    );
  } finally {
    tensorFlow.dispose(state);
  }
}

/** Numbers in [0, 1): whole numbers are 0, so that an embedding has a row for each. */
function trialBatch({ inputShape, target }: ModelPlace): Batch {
  const size = SAMPLES * sizeOf(inputShape);
  return {
    inputs: Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 101),
    targets:
      'classes' in target
        ? Int32Array.from({ length: SAMPLES }, (_, i) => i % target.classes)
        : Float32Array.from({ length: SAMPLES * target.values }, (_, i) => i % 2),
  };
}

interface LayerOutput {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The output of each layer in a training pass, to find the first that is wrong. */
function outputsOf(
  tensorFlow: TensorFlowLayers,
  model: TapeModel,
  state: { readonly weights: tf.Tensor[]; readonly buffers: tf.Tensor[] },
  { inputShape }: ModelPlace,
  { inputs }: Batch,
): LayerOutput[] {
  const outputs: LayerOutput[] = [];
  const gradient = new GradientPass(tensorFlow, KEY, () => undefined);
  const observer = (
    { layer }: { readonly layer: Parameters<TapeModel['names']['of']>[0] },
    output: tf.Tensor,
  ): void => {
    const [, ...shape] = output.shape;
    const name = `${model.names.of(layer)} (${layer.getClassName()})`;
    outputs.push({ layer: name, shape, values: Float32Array.from(output.dataSync()) });
  };
  tensorFlow.tidy(() => {
    const x = tensorFlow.tensor(inputs, [SAMPLES, ...inputShape]);
    model.pass(state, { gradient, observer }, () => void model.apply(x));
  });
  gradient.dispose();
  return outputs;
}

function isFinite({ sections, totals }: ComputedGradient): boolean {
  return Number.isFinite(totals.lossSum) && allFinite(sections.dense);
}

function isSame(a: ComputedGradient, b: ComputedGradient): boolean {
  const same = (x: Float32Array, y: Float32Array): boolean =>
    Buffer.compare(new Uint8Array(x.buffer), new Uint8Array(y.buffer)) === 0;
  return (
    a.totals.lossSum === b.totals.lossSum &&
    same(a.sections.dense, b.sections.dense) &&
    a.buffers.every((values, i) => same(values, b.buffers[i]))
  );
}

function notFinite(where: string, outputs: readonly LayerOutput[]): LockstepError {
  const bad = outputs.find(({ values }) => !allFinite(values));
  const what = bad
    ? `layer ${bad.layer} gives values of [${bad.shape.join(', ')}] that are not finite`
    : 'the gradient is not finite';
  return invalid(
    `${where}: with initial weights ${what}`,
    'Look for a division by 0, the logarithm of 0 or weights that are too large.',
  );
}

function random(where: string, [first, second]: readonly LayerOutput[][]): LockstepError {
  const bad = first.find(({ values }, i) => values.some((x, j) => x !== second[i]?.values[j]));
  const what = bad ? `layer ${bad.layer} [${bad.shape.join(', ')}]` : 'an operation';
  return invalid(
    `${where}: ${what} gives other values for the same input and weights`,
    'Use tf.layers.dropout, whose random numbers come from the seed of the run; no other layer may draw its own.',
  );
}

const invalid = (message: string, remedy: string, cause?: unknown): LockstepError =>
  new LockstepError('model-invalid', message, { remedy, cause });
