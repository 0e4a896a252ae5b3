import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { TensorFlow } from '../tensorflow.js';

/** A loss over a batch, and where its gradient begins. */
export interface BatchLoss {
  /** Sum over the samples. */
  readonly lossSum: number;
  /** d lossSum / d logits, [batch, classes] */
  readonly delta: Tensor;
}

/**
 * Runs inside `tf.tidy`.
 *
 * @param logits the network's output, [batch, classes]
 * @param labels [batch]
 */
export type LossFunction = (logits: Tensor, labels: Int32Array) => BatchLoss;

/** A loss as the registry holds it. */
export interface Loss<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly description: string;
  /** Its settings, each with bounds, default and description. */
  readonly schema: Schema;
  make(tf: TensorFlow, settings: z.infer<Schema>): LossFunction;
}
