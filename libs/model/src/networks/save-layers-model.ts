import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, makeFolder } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import { kerasModel } from './keras-model.js';
import type { Model } from './model.js';

const WEIGHTS_FILE = 'weights.bin';

/**
 * Saves a model as a tfjs LayersModel, `model.json` and `weights.bin`, which
 * `tf.loadLayersModel('file://…/model.json')` opens and the browser and Keras' converter read. It
 * gives probabilities, or the values of a regression: a softmax follows the logits of classes, and a
 * sigmoid the one logit of two classes.
 *
 * @param weights one per parameter, then one per buffer
 * @param folder made when it is not there
 * @throws LockstepError `disk-full`, or `disk-failed` when the files cannot be written
 */
export async function saveLayersModel(
  model: Model,
  weights: readonly (tf.Tensor | Float32Array)[],
  folder: string,
): Promise<void> {
  const entries = weightEntries(model).map(({ index, ...entry }) => {
    const weight = weights[index];
    const values = weight instanceof Float32Array ? weight : weight.dataSync<'float32'>();
    return { ...entry, values };
  });
  await writeLayersModel(topologyOf(model), entries, folder);
}

/** A weight of a saved model. */
export interface SavedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Writes `model.json` and `weights.bin`.
 *
 * @param topology the model as Keras serialises it
 * @throws LockstepError as `saveLayersModel`
 */
export async function writeLayersModel(
  topology: unknown,
  weights: readonly SavedWeight[],
  folder: string,
): Promise<void> {
  const bytes = weights.map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  const specs = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    generatedBy: 'Lockstep',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: specs }],
  };
  try {
    await makeFolder(folder);
    await writeFile(join(folder, WEIGHTS_FILE), Buffer.concat(bytes));
    await writeFile(join(folder, 'model.json'), JSON.stringify(json, null, 2));
  } catch (cause) {
    throw LockstepError.fromSystem(cause, {
      what: `the model cannot be saved in ${folder}`,
      atWork: true,
    });
  }
}

/** The model's layers in Keras' words. */
function topologyOf(model: Model): object {
  return {
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
    model_config: kerasModel(model),
  };
}

/** Name and shape of a saved weight, and its place among the model's parameters and then buffers. */
type WeightEntry = Omit<SavedWeight, 'values'> & { readonly index: number };

/** Keras calls weights and biases kernel and bias. */
function weightEntries({ layers, parameters }: Model): WeightEntry[] {
  let parameter = 0;
  let buffer = parameters.length;
  return layers.flatMap((layer) => [
    ...layer.parameters.map(({ name, shape, saved }) => ({
      name: saved
        ? `${layer.name}/${saved.name}`
        : name.replace(/\/weights$/, '/kernel').replace(/\/biases$/, '/bias'),
      shape: saved?.shape ?? shape,
      index: parameter++,
    })),
    ...(layer.buffers ?? []).map(({ name, shape }) => ({ name, shape, index: buffer++ })),
  ]);
}
