import type { ParameterSpec, Sections, ShardTotals } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../layers/dropout-mask.js';
import type { Targets } from '../losses/loss.js';
import type { Objective } from '../objective/objective.js';
import { countCorrect, mostLikely } from '../metrics/accuracy.js';
import type { Model } from './model.js';
import {
  buffersAfter,
  inferLogits,
  inputTensor,
  inTidy,
  runBackward,
  runForward,
  sampleCountOf,
  type Batch,
} from './run-network.js';
import { SectionWriter } from './section-writer.js';

export interface GradientRequest extends DropoutKey {
  /**
   * Whether to classify the samples without dropout first, where the targets are classes: the tutorial's
   * training accuracy.
   */
  readonly clean: boolean;
  readonly objective: Objective;
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
 * @param weights one tensor per parameter, then one per buffer; not disposed
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
  const sampleCount = sampleCountOf(batch, model.inputShape);
  const writer = new SectionWriter(parameters, sampleCount, factorsKnown);
  const found = inTidy((): Pick<ComputedGradient, 'totals' | 'buffers'> => {
    const inputs = inputTensor(model, batch.inputs);
    const clean = request.clean ? cleanCount(model, weights, inputs, batch.targets) : {};
    const pass = { kind: 'training', dropout: request } as const;
    const { logits, trace } = runForward(model, weights, inputs, pass);
    const { lossSum, delta } = request.objective.loss(logits, batch.targets);
    const metricSums = request.objective.metricSums(logits, batch.targets);
    runBackward(model, trace, delta, (gradient, index) => writer.write(gradient, index));
    const totals = { sampleCount, lossSum, metricSums, ...clean };
    return { totals, buffers: buffersAfter(model, trace) };
  });
  return { ...found, sections: writer.sections };
}

function cleanCount(
  model: Model,
  weights: readonly tf.Tensor[],
  inputs: tf.Tensor,
  targets: Targets,
): { cleanCorrectCount?: number } {
  if (!(targets instanceof Int32Array)) return {};
  const logits = inferLogits(model, weights, inputs);
  return { cleanCorrectCount: countCorrect(mostLikely(tf, logits), targets) };
}
