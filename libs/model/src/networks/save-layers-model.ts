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
 * gives probabilities: a softmax follows the logits.
 *
 * @param folder made when it is not there
 * @throws LockstepError `disk-full`, or `disk-failed` when the files cannot be written
 */
export async function saveLayersModel(
  model: Model,
  weights: readonly (tf.Tensor | Float32Array)[],
  folder: string,
): Promise<void> {
  const values = weights.map((weight) =>
    weight instanceof Float32Array ? weight : weight.dataSync<'float32'>(),
  );
  const bytes = values.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  try {
    await makeFolder(folder);
    await writeFile(join(folder, WEIGHTS_FILE), Buffer.concat(bytes));
    await writeFile(join(folder, 'model.json'), JSON.stringify(layersModelJson(model), null, 2));
  } catch (cause) {
    throw LockstepError.fromSystem(cause, {
      what: `the model cannot be saved in ${folder}`,
      atWork: true,
    });
  }
}

/** The contents of `model.json`: topology in Keras' words and the manifest of the weights. */
export function layersModelJson(model: Model): object {
  return {
    format: 'layers-model',
    generatedBy: 'Lockstep',
    convertedBy: null,
    modelTopology: {
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      model_config: kerasModel(model),
    },
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightEntries(model) }],
  };
}

/** Keras calls weights and biases kernel and bias. */
function weightEntries(model: Model): object[] {
  return model.layers.flatMap((layer) =>
    layer.parameters.map(({ name, shape, saved }) => ({
      name: saved
        ? `${layer.name}/${saved.name}`
        : name.replace(/\/weights$/, '/kernel').replace(/\/biases$/, '/bias'),
      shape: saved?.shape ?? shape,
      dtype: 'float32',
    })),
  );
}
