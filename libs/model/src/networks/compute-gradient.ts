import type { ParameterSpec, Sections, ShardTotals } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../layers/dropout-mask.js';
import { lossFunction } from '../losses/registry.js';
import { countCorrect, mostLikely } from '../metrics/accuracy.js';
import type { Model } from './model.js';
import {
  inferLogits,
  inputTensor,
  labelsOf,
  runBackward,
  runForward,
  type Batch,
} from './run-network.js';
import { SectionWriter } from './section-writer.js';

export interface GradientRequest extends DropoutKey {
  /** Whether to classify the samples without dropout first: the tutorial's training accuracy. */
  readonly clean: boolean;
}

export interface ComputedGradient {
  readonly totals: ShardTotals;
  /** As core's `viewGradient` reads it; a sum over the samples. */
  readonly sections: Sections<Float32Array>;
  /** The network's buffers after the shard, one array each. */
  readonly buffers: readonly Float32Array[];
}

/**
 * The gradient of a shard: of the loss summed over its samples. With the same backend and
 * thread count a pure function of its arguments, to the bit.
 *
 * @param parameters as in the RunSpec, see `parametersFor`
 * @param weights one tensor per parameter; not disposed
 * @param factorsKnown called once, as soon as the whole factored section is computed: for a network
 *   of convolutions followed by dense layers long before the rest
 */
export function computeGradient(
  model: Model,
  parameters: readonly ParameterSpec[],
  weights: readonly tf.Tensor[],
  batch: Batch,
  request: GradientRequest,
  factorsKnown: (factored: Float32Array) => void = () => undefined,
): ComputedGradient {
  const labels = labelsOf(batch);
  const sampleCount = labels.length;
  const writer = new SectionWriter(parameters, sampleCount, factorsKnown);
  const totals = inTidy((): ShardTotals => {
    const inputs = inputTensor(model, batch.inputs);
    const clean = request.clean ? cleanCount(model, weights, inputs, labels) : {};
    const pass = { kind: 'training', dropout: request } as const;
    const { logits, trace } = runForward(model, weights, inputs, pass);
    const { lossSum, delta } = lossFunction(tf)(logits, labels);
    const metricSums = [countCorrect(mostLikely(tf, logits), labels)];
    runBackward(model, trace, delta, (gradient, index) => writer.write(gradient, index));
    return { sampleCount, lossSum, metricSums, ...clean };
  });
  return { totals, sections: writer.sections, buffers: [] };
}

function cleanCount(
  model: Model,
  weights: readonly tf.Tensor[],
  inputs: tf.Tensor,
  labels: Int32Array,
): { cleanCorrectCount: number } {
  const logits = inferLogits(model, weights, inputs);
  return { cleanCorrectCount: countCorrect(mostLikely(tf, logits), labels) };
}

/** `tf.tidy` for a result that holds no tensor. */
function inTidy<Result>(compute: () => Result): Result {
  return tf.tidy(() => compute() as tf.TensorContainer) as Result;
}
