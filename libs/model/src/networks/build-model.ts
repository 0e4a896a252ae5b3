import { LockstepError, parameterCount, type Initialisation, type Target } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { MAX_DROPOUT_LAYERS } from '../layers/dropout-mask.js';
import { LayerMisfit, type Layer, type LayerPlace } from '../layers/layer.js';
import {
  buildLayer,
  defaultLayerName,
  layerSchema,
  type CheckedLayer,
} from '../layers/registry.js';
import { objectiveFields, type ObjectiveDefinition } from '../objective/definition.js';
import type { Model, ModelOperation } from './model.js';
import { fitsTarget, outputsFor, targetText } from './network-output.js';
import type { SampleShape } from '../layers/operation.js';

const definitionSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  layers: z.array(layerSchema).min(1).max(1000),
  ...objectiveFields,
});

/** Largest number of parameters: 4 GiB of float32, more than one buffer takes. */
const MAX_PARAMETERS = 2 ** 29;

/**
 * Checks a definition and infers every shape.
 *
 * @param inputShape of one sample: [height, width, channels] of a picture
 * @param target of the data
 * @param where the model's file or name, for messages
 * @param initialisation of its parameters
 * @throws LockstepError `model-invalid`, naming the layer
 */
export function buildModel(
  definition: unknown,
  inputShape: SampleShape,
  target: Target,
  where = 'the model',
  initialisation: Initialisation = 'tutorial',
): Model {
  const { name, layers: definitions, ...objective } = checkDefinition(definition, where);
  const place = { classCount: outputsFor(target), initialisation };
  const layers = buildLayers(definitions, where, inputShape, place);
  checkOutput(layers, target, where);
  const parameters = layers.flatMap((layer) => layer.parameters);
  checkParameters(parameters, where);
  return {
    name,
    inputShape,
    target,
    initialisation,
    objective,
    parameters,
    buffers: layers.flatMap(({ buffers = [] }) => buffers),
    summary: layers.map((layer) => ({
      name: layer.name,
      kind: layer.kind,
      outputShape: layer.outputShape,
      parameterCount: parameterCount(layer.parameters),
    })),
    layers,
    operations: poolFirst(numberTensors(layers)),
  };
}

function checkDefinition(
  definition: unknown,
  where: string,
): { name: string; layers: CheckedLayer[] } & ObjectiveDefinition {
  const checked = definitionSchema.safeParse(definition);
  if (checked.success) return checked.data;
  throw invalid(where, z.prettifyError(checked.error).replaceAll('\n', ' '));
}

function buildLayers(
  definitions: readonly CheckedLayer[],
  where: string,
  sampleShape: SampleShape,
  given: Pick<LayerPlace, 'classCount' | 'initialisation'>,
): Layer[] {
  const layers: Layer[] = [];
  const seen = new Map<string, number>();
  for (const definition of definitions) {
    const number = (seen.get(definition.kind) ?? 0) + 1;
    seen.set(definition.kind, number);
    const name = definition.name ?? defaultLayerName(definition.kind, number);
    const inputShape = layers.at(-1)?.outputShape ?? sampleShape;
    const dropoutIndex = number - 1;
    const earlier = new Map(layers.map((layer) => [layer.name, layer.outputShape]));
    try {
      layers.push(
        buildLayer(tf, definition, { ...given, name, inputShape, dropoutIndex, earlier }),
      );
    } catch (error) {
      if (error instanceof LayerMisfit) throw invalid(where, `layer ${name}: ${error.message}`);
      throw error;
    }
  }
  const names = layers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(where, `two of its layers are called ${twice}`);
  checkUse(layers, where);
  if ((seen.get('dropout') ?? 0) > MAX_DROPOUT_LAYERS) {
    throw invalid(where, `it has more than ${MAX_DROPOUT_LAYERS} dropout layers`);
  }
  return layers;
}

/** Whatever a layer computes is used by the next layer or by one that names it. */
function checkUse(layers: readonly Layer[], where: string): void {
  const named = namedSources(layers);
  layers.forEach(({ name }, index) => {
    const unused = layers[index + 1]?.followsPrevious === false && !named.has(name);
    if (unused) throw invalid(where, `the output of layer ${name} is not used`);
  });
}

function namedSources(layers: readonly Layer[]): Set<string> {
  const operations = layers.flatMap((layer) => layer.operations);
  return new Set(operations.flatMap(({ sources = [] }) => sources));
}

function checkOutput(layers: readonly Layer[], target: Target, where: string): void {
  const last = layers.at(-1);
  if (last?.kind === 'softmax' && 'classes' in target) {
    throw invalid(where, 'its last layer is softmax, which the loss applies already: leave it out');
  }
  const shape: SampleShape = last?.outputShape ?? [];
  if (shape.length === 1 && fitsTarget(shape[0], target)) return;
  throw invalid(
    where,
    `its output is [${shape.join(', ')}], but the data has ${targetText(target)}, so [${outputsFor(target)}] is needed`,
  );
}

function checkParameters(parameters: Model['parameters'], where: string): void {
  if (parameters.length === 0) throw invalid(where, 'it has nothing to train');
  const count = parameterCount(parameters);
  if (count > MAX_PARAMETERS) {
    throw invalid(where, `it has ${count} parameters, more than ${MAX_PARAMETERS}`);
  }
}

/** Turns each layer's own indices of parameters and buffers into the model's: all parameters, then all buffers. */
export function numberTensors(layers: readonly Layer[]): ModelOperation[] {
  let parameter = 0;
  let buffer = layers.reduce((sum, { parameters }) => sum + parameters.length, 0);
  const kept = namedSources(layers);
  return layers.flatMap(({ name, parameters: own, buffers: ownBuffers = [], operations }) => {
    const [firstParameter, firstBuffer] = [parameter, buffer];
    parameter += own.length;
    buffer += ownBuffers.length;
    return operations.map(({ parameters, buffers, ...rest }, index) => ({
      ...rest,
      parameters: parameters.map((each) => firstParameter + each),
      ...(buffers && { buffers: buffers.map((each) => firstBuffer + each) }),
      ...(kept.has(name) && index === operations.length - 1 && { keptAs: name }),
    }));
  });
}

/**
 * Moves max-pooling before the biases and ReLUs that precede it. Both are non-decreasing functions of one
 * channel, also after rounding, so max(f(a), f(b)) = f(max(a, b)) to the bit, and with a 2×2 pool
 * they process a quarter of the values, forward and backward. An output that later layers use stays as it is.
 */
export function poolFirst(operations: readonly ModelOperation[]): ModelOperation[] {
  const ordered: ModelOperation[] = [];
  for (const entry of operations) {
    let place = ordered.length;
    if (entry.operation.pooling !== undefined && entry.keptAs === undefined) {
      while (place > 0 && isMovable(ordered[place - 1])) place--;
    }
    ordered.splice(place, 0, entry);
  }
  return ordered;
}

const isMovable = ({ operation, keptAs }: ModelOperation): boolean =>
  operation.monotone && keptAs === undefined;

const invalid = (where: string, what: string): LockstepError =>
  new LockstepError('model-invalid', `${where}: ${what}`, {
    remedy: 'Correct the model; the guide lists the layers and what they need.',
  });
