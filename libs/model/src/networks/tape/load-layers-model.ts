import { createHash } from 'node:crypto';
import { canonicalJson, LockstepError } from '@lockstep/core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withTexts } from '../../objective/definition.js';
import { finalActivation, fitsTarget, outputsFor, targetText } from '../network-output.js';
import type {
  BuildDefinition,
  BuildNetwork,
  ModelPlace,
  ModelSource,
  NetworkContext,
} from './build-network.js';
import { checkTapeNetwork } from './check-tape-network.js';
import { outputShapeOf } from './describe-tape-layers.js';
import { failureReason } from '../../failure-reason.js';
import { functionModel, isTensorFunction } from './function-model.js';
import { registerFastGradients } from './fast-gradients.js';
import { drawInitial } from './initialisers.js';
import { leafLayers, withoutNames } from './layer-tree.js';
import { WeightOrigins } from './recorded-weights.js';
import { TapeModel, type TapeWeight } from './tape-model.js';
import { TapeNetwork } from './tape-network.js';
import type { TapeLayer, TensorFlowLayers } from './tensorflow-layers.js';

/**
 * Builds a LayersModel and checks it by one small gradient before anything is trained.
 *
 * @throws LockstepError `model-invalid`, naming the layer, its shape and a remedy
 */
export async function buildLayersModel(
  tf: TensorFlowLayers,
  { build, ...objective }: BuildDefinition,
  { inputShape, target }: ModelPlace,
  { where, sourceSha256 }: ModelSource,
): Promise<TapeNetwork> {
  registerFastGradients(tf);
  const origins = new WeightOrigins();
  const place = { inputShape, target };
  const none = { classes: 0, values: 0 };
  const context = { tf, inputShape: [...inputShape], ...none, ...target };
  const built = await origins.record(tf, async () => run(build, context, where));
  for (const { layer } of leafLayers(built.layers)) completeConfig(layer);
  const topology: unknown = built.toJSON(null, false);
  checkModel(built, place, where);
  withoutFinalActivation(tf, built, place);
  const model = new TapeModel(tf, built, origins);
  checkWeights(model, where);
  const network = new TapeNetwork(tf, {
    name: where.replace(/\.\w+$/, ''),
    sourceSha256,
    definitionSha256: sha256(
      canonicalJson({
        ...{ layers: withoutNames(topology), given: givenHashes(model) },
        ...(withTexts(objective) as object),
      }),
    ),
    ...place,
    ...{ objective, model, topology },
  });
  await checkTapeNetwork(tf, network, model, { ...place, where });
  return network;
}

/** tfjs leaves the multiplier of a separable convolution out: a saved model could not be loaded. */
function completeConfig(layer: TapeLayer): void {
  if (layer.getClassName() !== 'SeparableConv2D') return;
  const { depthMultiplier } = layer as unknown as { readonly depthMultiplier: number };
  const getConfig = layer.getConfig.bind(layer);
  layer.getConfig = () => ({ ...getConfig(), depthMultiplier });
}

async function run(
  build: BuildNetwork,
  context: NetworkContext,
  where: string,
): Promise<LayersModel> {
  try {
    const built = await build(context);
    const model = isTensorFunction(built)
      ? functionModel(context.tf, built, context.inputShape, where)
      : built;
    if (model instanceof context.tf.LayersModel) {
      if (!model.built) model.build([null, ...context.inputShape]);
      return model;
    }
  } catch (cause) {
    if (cause instanceof LockstepError) throw cause;
    const reason = failureReason(cause);
    throw invalid(`${where}: ${reason}`, 'Correct the model file.', cause);
  }
  throw invalid(
    `${where}: its function returns no tf.LayersModel`,
    'Return tf.sequential({ … }), tf.model({ … }) or { parameters, forward }, made with the tf that the function receives.',
  );
}

function checkModel(model: LayersModel, { inputShape, target }: ModelPlace, where: string): void {
  const { inputs, outputs } = model;
  if (inputs.length !== 1 || outputs.length !== 1) {
    const counts = `${inputs.length} inputs and ${outputs.length} outputs`;
    throw invalid(`${where}: the model has ${counts}`, 'Give it one input and one output.');
  }
  const taken = inputs[0].shape.slice(1);
  const fits = taken.every((size, i) => size === null || size === inputShape[i]);
  if (taken.length !== inputShape.length || !fits) {
    const shapes = `[${taken.join(', ')}], but a sample of the data is [${inputShape.join(', ')}]`;
    throw invalid(
      `${where}: the model's input is ${shapes}`,
      'Use the inputShape that the function receives.',
    );
  }
  const given = outputs[0].shape.slice(1);
  if (given.length !== 1 || !fitsTarget(given[0], target)) {
    const name = outputs[0].sourceLayer.name;
    throw invalid(
      `${where}: layer ${name} gives [${given.join(', ')}], but the data has ${targetText(target)}`,
      `End the model with tf.layers.dense({ units: ${outputsFor(target)} }).`,
    );
  }
}

/**
 * The loss takes logits: a softmax at the end, or a sigmoid of one output, is left out in training and stays
 * in saved models.
 */
function withoutFinalActivation(
  tf: TensorFlowLayers,
  { outputLayers, outputs }: LayersModel,
  { target }: ModelPlace,
): void {
  const last = leafLayers(outputLayers).at(-1)?.layer;
  const final = finalActivation(outputs[0].shape[1] ?? 0, target);
  if (last === undefined || final === undefined) return;
  const isSoftmax = last.getClassName() === 'Softmax' && final === 'softmax';
  if (isSoftmax) last.call = (inputs) => [inputs].flat()[0].clone();
  const layer = last as unknown as { activation?: { getClassName(): string } | null };
  if (layer.activation?.getClassName() !== final) return;
  const linear = tf.layers.activation({ activation: 'linear' }) as unknown as typeof layer;
  layer.activation = linear.activation ?? null;
}

function checkWeights({ parameters, buffers, weights, names }: TapeModel, where: string): void {
  if (parameters.length === 0) {
    throw invalid(`${where}: it has nothing to train`, 'Set trainable: true for a layer.');
  }
  const other = weights.find(({ variable }) => variable.dtype !== 'float32');
  if (other) {
    throw invalid(
      `${where}: weight ${other.name} [${other.variable.shape.join(', ')}] is ${other.variable.dtype}`,
      'Only float32 weights are supported.',
    );
  }
  const bounded = parameters.find(({ variable }) => variable.constraint);
  if (bounded) {
    throw invalid(
      `${where}: weight ${bounded.name} has a constraint, which is not supported`,
      'Remove the constraint; a regularizer or --weight-decay keeps weights small.',
    );
  }
  for (const weight of [...parameters, ...buffers]) {
    if (isDrawable(weight)) continue;
    const { layer, initialiser, name } = weight;
    throw invalid(
      `${where}: layer ${names.of(layer)}: the initializer ${initialiser?.className} of ${name} [${outputShapeOf(layer).join(', ')}] is not supported, since its values would differ between machines`,
      'Use one of tf.initializers.',
    );
  }
}

function isDrawable({ initialiser }: TapeWeight): boolean {
  return initialiser === undefined || drawInitial(initialiser, [1, 1], 0, 0) !== undefined;
}

/** What the topology does not say: the weights that were loaded or set. */
function givenHashes({ weights }: TapeModel): string[] {
  return weights
    .filter(({ initialiser }) => initialiser === undefined)
    .map(({ given }) => sha256(new Uint8Array(given.buffer)));
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

const invalid = (message: string, remedy: string, cause?: unknown): LockstepError =>
  new LockstepError('model-invalid', message, { remedy, cause });
