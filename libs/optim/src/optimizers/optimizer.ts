import type * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { RegistryEntry } from '@lockstep/core';

/** The TensorFlow of the thread that computes; passed in, so that this package does not load one. */
export type TensorFlow = typeof tf;

/** One parameter's weights and its slots by name, all of the parameter's shape. */
export type ParameterState = {
  readonly weight: tf.Tensor;
  readonly slots: Readonly<Record<string, tf.Tensor>>;
};

/** The step that an update belongs to. */
export interface StepRate {
  /** The step's learning rate. */
  readonly rate: number;
  /** The step's number, from 1. */
  readonly step: number;
}

/**
 * How one parameter changes in a step: a pure function, to the bit, with the same backend and thread
 * count.
 */
export interface UpdateRule {
  /**
   * The L2 penalty: this times the weight is added to the gradient before `update`. Not for parameters
   * of one dimension (biases, scales and offsets of a normalisation). 0 if absent.
   */
  readonly l2?: number;
  /**
   * Runs inside `tf.tidy`; the tensors passed in stay valid.
   *
   * @param gradient the mean over the step's samples, of the parameter's shape
   */
  update(state: ParameterState, gradient: tf.Tensor, at: StepRate): ParameterState;
  /**
   * The same values as `update`, but disposes the tensors of `state` and may change their memory.
   * Optional: it saves a copy.
   */
  updateInPlace?(state: ParameterState, gradient: tf.Tensor, at: StepRate): ParameterState;
}

/** An optimizer as the registry holds it. */
export interface Optimizer<Schema extends z.ZodObject = z.ZodObject> extends RegistryEntry {
  /** The settings beside `kind` and `schedule`, `learningRate` among them. */
  readonly schema: Schema;
  /**
   * Names of the tensors kept for each parameter, all 0 before the first step. Checkpoints and state
   * uploads hold them in this order.
   */
  slots(settings: z.infer<Schema>): readonly string[];
  make(tf: TensorFlow, settings: z.infer<Schema>): UpdateRule;
}

/** Declares an optimizer; `settings` are typed by its schema. */
export function defineOptimizer<Schema extends z.ZodObject>(
  optimizer: Optimizer<Schema>,
): Optimizer<Schema> {
  return optimizer;
}
