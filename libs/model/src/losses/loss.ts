import type { RegistryEntry, Target } from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { TensorFlow } from '../tensorflow.js';

/** The targets of a batch: class labels [n], or values [n · values], row by row. */
export type Targets = Int32Array | Float32Array;

/** A loss over a batch, and where its gradient begins. */
export interface BatchLoss {
  /** Sum over the samples, in float64. */
  readonly lossSum: number;
  /** d lossSum / d outputs, [n, outputs] */
  readonly delta: Tensor;
}

/**
 * Runs inside `tf.tidy`.
 *
 * @param outputs of the network, [n, outputs]
 */
export type LossFunction = (outputs: Tensor, targets: Targets) => BatchLoss;

/** A network's outputs and the targets that they are compared with. */
export interface LossPlace {
  /** Outputs per sample. */
  readonly outputs: number;
  readonly target: Target;
}

/** A loss as the registry holds it. */
export interface Loss<Schema extends z.ZodObject = z.ZodObject> extends RegistryEntry {
  /** Its settings, each with bounds and description; each is also a command line option. */
  readonly schema: Schema;
  /** What is wrong where the loss does not fit, such as `needs class labels`; else undefined. */
  misfit(place: LossPlace, settings: z.infer<Schema>): string | undefined;
  make(tf: TensorFlow, settings: z.infer<Schema>): LossFunction;
}

/** Declares a loss; `settings` are typed by its schema. */
export function defineLoss<Schema extends z.ZodObject>(loss: Loss<Schema>): Loss<Schema> {
  return loss;
}

/** Sum in float64, in the order of the samples. */
export function sumOf(losses: Tensor): number {
  return losses.dataSync<'float32'>().reduce((sum, loss) => sum + loss, 0);
}
