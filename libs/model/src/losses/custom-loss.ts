import { LockstepError } from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { sumOf, type LossFunction, type Targets } from './loss.js';

/**
 * A user's loss or metric. It may use any operation of `tf` that is differentiable and draws no random
 * numbers.
 *
 * @param outputs of the network, [n, outputs]
 * @param targets labels [n] of int32, or values [n, values]
 * @returns a value for each sample, [n]
 */
export type SampleFunction = (tf: TensorFlow, outputs: Tensor, targets: Tensor) => Tensor;

/**
 * A user's loss that compares the samples of a shard with each other.
 *
 * @returns the mean over the shard's samples, a scalar
 */
export interface ShardLoss {
  readonly shard: SampleFunction;
}

export type CustomLoss = SampleFunction | ShardLoss;

/** A user's loss, differentiated by tfjs. */
export function customLoss(tf: TensorFlow, custom: CustomLoss): LossFunction {
  const isOverShard = typeof custom !== 'function';
  const compute = isOverShard ? custom.shard : custom;
  return (outputs, targets) => {
    const sampleCount = outputs.shape[0];
    const truth = targetTensor(tf, targets, sampleCount);
    const { value, grad } = tf.valueAndGrad((x: Tensor) => {
      const losses = valuesOf(compute(tf, x, truth), sampleCount, isOverShard);
      return isOverShard ? tf.mul(losses, sampleCount) : losses;
    })(outputs);
    return { lossSum: sumOf(value), delta: grad };
  };
}

/** Labels [n] of int32, or values [n, values]. */
export function targetTensor(tf: TensorFlow, targets: Targets, sampleCount: number): Tensor {
  return targets instanceof Int32Array
    ? tf.tensor1d(targets, 'int32')
    : tf.tensor2d(targets, [sampleCount, targets.length / sampleCount]);
}

function valuesOf(found: unknown, sampleCount: number, isOverShard: boolean): Tensor {
  const shape = shapeOf(found);
  const wanted = isOverShard ? [] : [sampleCount];
  if (shape?.join() === wanted.join()) return found as Tensor; // it has a tensor's shape
  const what = shape === undefined ? 'no tensor' : `a tensor of shape [${shape.join(', ')}]`;
  throw new LockstepError(
    'model-invalid',
    `the loss returns ${what} for ${sampleCount} samples, not [${wanted.join(', ')}]`,
    {
      remedy: isOverShard
        ? 'return the mean over the samples, a scalar'
        : 'return one value per sample; a loss that compares samples with each other must be declared: loss: { shard: (tf, outputs, targets) => … }',
    },
  );
}

function shapeOf(value: unknown): readonly number[] | undefined {
  if (typeof value !== 'object' || value === null || !('shape' in value)) return undefined;
  return Array.isArray(value.shape) ? value.shape.map(Number) : undefined;
}
