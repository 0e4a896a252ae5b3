import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { TensorFlow } from '../tensorflow.js';
import { defineLoss, sumOf, type Loss } from './loss.js';

/** A loss over values, by what it makes of the errors. */
interface ValueLoss<Schema extends z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  /**
   * @param errors output − target, [n, values]
   * @returns the loss of each value and its derivative, both [n, values]
   */
  readonly of: (
    tf: TensorFlow,
    errors: Tensor,
    settings: z.infer<Schema>,
  ) => { readonly losses: Tensor; readonly derivative: Tensor };
}

/** A loss whose value for a sample is the mean over the sample's values. */
export function defineValueLoss<Schema extends z.ZodObject>({
  of,
  ...entry
}: ValueLoss<Schema>): Loss<Schema> {
  return defineLoss({
    ...entry,
    misfit: ({ target, outputs }) => {
      if (!('values' in target)) return 'needs values, and the data has class labels';
      return target.values === outputs
        ? undefined
        : `needs ${target.values} outputs, one for each value, and the network has ${outputs}`;
    },
    make: (tf, settings) => (outputs, targets) => {
      const values = outputs.shape[1]!;
      const errors = tf.sub(outputs, tf.tensor(targets, [outputs.shape[0], values], 'float32'));
      const { losses, derivative } = of(tf, errors, settings);
      return { lossSum: sumOf(tf.mean(losses, 1)), delta: tf.div(derivative, values) };
    },
  });
}
