import {
  gradientLength,
  viewGradient,
  type GradientEntry,
  type ParameterSpec,
  type ShardTotals,
} from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from './dropout-mask.js';
import { weightGradient } from './kernels/matrix-product.js';
import { countCorrect, mostLikely, softmaxCrossEntropy } from './kernels/softmax-cross-entropy.js';
import type { Model } from './model.js';
import type { ParameterGradient } from './operation.js';
import { imageTensor, inferLogits, runBackward, runForward, type Batch } from './run-network.js';

export interface GradientRequest extends DropoutKey {
  /** Whether to classify the samples without dropout first: the tutorial's training accuracy. */
  readonly clean: boolean;
}

export interface ComputedGradient {
  readonly totals: ShardTotals;
  /** Laid out as core's `viewGradient` says; a sum over the samples. */
  readonly payload: Float32Array;
}

/**
 * The gradient of a shard: softmax cross-entropy summed over its samples. With the same backend and
 * thread count a pure function of its arguments, to the bit.
 *
 * @param parameters `parametersFor(model, batch)` as the RunSpec has them
 * @param weights one tensor per parameter; not disposed
 */
export function computeGradient(
  model: Model,
  parameters: readonly ParameterSpec[],
  weights: readonly tf.Tensor[],
  batch: Batch,
  request: GradientRequest,
): ComputedGradient {
  const sampleCount = batch.labels.length;
  const payload = new Float32Array(gradientLength(parameters, sampleCount));
  const entries = viewGradient(payload, parameters, sampleCount);
  const totals = inTidy((): ShardTotals => {
    const images = imageTensor(model, batch.images);
    const clean = request.clean ? cleanCount(model, weights, images, batch.labels) : {};
    const pass = { kind: 'training', dropout: request } as const;
    const { logits, trace } = runForward(model, weights, images, pass);
    const { lossSum, correctCount, delta } = softmaxCrossEntropy(logits, batch.labels);
    const gradients = runBackward(model, trace, delta);
    gradients.forEach((gradient, index) => download(gradient, entries[index]));
    return { sampleCount, lossSum, correctCount, ...clean };
  });
  return { totals, payload };
}

function cleanCount(
  model: Model,
  weights: readonly tf.Tensor[],
  images: tf.Tensor,
  labels: Int32Array,
): { cleanCorrectCount: number } {
  const logits = inferLogits(model, weights, images);
  return { cleanCorrectCount: countCorrect(mostLikely(logits), labels) };
}

/** `tf.tidy` for a result that holds no tensor. */
function inTidy<Result>(compute: () => Result): Result {
  return tf.tidy(() => compute() as tf.TensorContainer) as Result;
}

/** Copies a gradient from the backend into its place in the payload, in the form asked for there. */
function download(gradient: ParameterGradient, entry: GradientEntry): void {
  if (entry.kind === 'factored') {
    if (gradient.kind === 'dense') throw new TypeError('this parameter has no factored gradient');
    entry.inputs.set(gradient.inputs.dataSync());
    entry.deltas.set(gradient.deltas.dataSync());
    return;
  }
  const values =
    gradient.kind === 'dense' ? gradient.values : weightGradient(gradient.inputs, gradient.deltas);
  entry.values.set(values.dataSync());
}
