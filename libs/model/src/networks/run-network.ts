import * as tf from '@tensorflow/tfjs-core';
import type { Model } from './model.js';
import type { Forward, ParameterGradient, Pass } from '../layers/operation.js';

/** Samples as `gatherBatch` returns them. */
export interface Batch {
  /** [count, height, width, channels], in [0, 1] */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Int32Array;
}

/** The network's logits [count, classes] without dropout; call it inside `tf.tidy`. */
export function inferLogits(
  model: Model,
  weights: readonly tf.Tensor[],
  images: tf.Tensor,
): tf.Tensor {
  return runForward(model, weights, images, { kind: 'inference' }).logits;
}

/** images → [count, height, width, channels] */
export function imageTensor(model: Model, images: Float32Array): tf.Tensor {
  const [height, width, channels] = model.imageShape;
  return tf.tensor4d(images, [
    images.length / (height * width * channels),
    height,
    width,
    channels,
  ]);
}

export interface NetworkPass {
  /** [count, classes] */
  readonly logits: tf.Tensor;
  readonly trace: readonly Forward[];
}

/** One forward pass from images to logits; its trace is the input of `runBackward`. */
export function runForward(
  model: Model,
  weights: readonly tf.Tensor[],
  images: tf.Tensor,
  pass: Pass,
): NetworkPass {
  let x = images;
  const trace = model.operations.map(({ operation, parameters }) => {
    const own = parameters.map((index) => weights[index]);
    const forward = operation.forward(x, own, pass);
    x = forward.output;
    return forward;
  });
  return { logits: x, trace };
}

/**
 * Back through the network, from its last operation to its first.
 *
 * @param delta d loss / d logits, [count, classes]
 * @param found receives each parameter's gradient and index as soon as it is computed
 */
export function runBackward(
  model: Model,
  trace: readonly Forward[],
  delta: tf.Tensor,
  found: (gradient: ParameterGradient, index: number) => void,
): void {
  let dy = delta;
  for (let place = trace.length - 1; place >= 0; place--) {
    const { input, parameters } = trace[place].backward(dy, place > 0);
    model.operations[place].parameters.forEach((index, own) => found(parameters[own], index));
    if (input !== undefined) dy = input;
  }
}
