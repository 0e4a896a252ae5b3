import * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../layers/dropout-mask.js';
import type { Model } from '../networks/model.js';
import type { Pass } from '../layers/operation.js';
import { predictionsOf } from '../metrics/predictions.js';
import { earlierOutputs, inputTensor } from '../networks/run-network.js';

/** The output of one layer for one image. */
export interface Activation {
  /** The layer's name. */
  readonly layer: string;
  /** [height, width, channels] or [units] */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A network's prediction for one image, with the output of each layer. */
export interface ImageObservation {
  /** [classes], summing to 1; the values of a regression */
  readonly probabilities: Float32Array;
  /** In layer order, without `flatten` and `branch`, which change no value. */
  readonly activations: readonly Activation[];
}

/**
 * Predicts one image layer by layer, in the order of the definition. A training pass pools before it
 * adds biases and applies ReLUs: the result is the same, but the intermediate outputs differ.
 *
 * @param weights one tensor per parameter, then one per buffer
 * @param image one sample, [prod(inputShape)]; pixels in [0, 1]
 * @param dropout key of the dropout masks; without it nothing is dropped
 */
export function observeImage(
  model: Model,
  weights: readonly tf.Tensor[],
  image: Float32Array,
  dropout?: DropoutKey,
): ImageObservation {
  const pass: Pass = { kind: 'inference', ...(dropout && { dropout }) };
  const observe = (): ImageObservation => {
    const activations: Activation[] = [];
    let x = inputTensor(model, image);
    let first = 0;
    let firstBuffer = model.parameters.length;
    const outputs = new Map<string, tf.Tensor>();
    for (const { name, kind, outputShape, operations, parameters, buffers = [] } of model.layers) {
      for (const { operation, parameters: own, buffers: state = [], sources = [] } of operations) {
        const wanted = [
          ...own.map((index) => weights[first + index]),
          ...state.map((index) => weights[firstBuffer + index]),
        ];
        x = operation.forward(x, wanted, pass, earlierOutputs(outputs, sources)).output;
      }
      outputs.set(name, x);
      first += parameters.length;
      firstBuffer += buffers.length;
      if (kind === 'flatten' || kind === 'branch') continue;
      activations.push({ layer: name, shape: outputShape, values: valuesOf(x) });
    }
    return { probabilities: valuesOf(predictionsOf(tf, x, model.target)), activations };
  };
  return tf.tidy(() => observe() as unknown as tf.TensorContainer) as unknown as ImageObservation;
}

function valuesOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<'float32'>();
}
