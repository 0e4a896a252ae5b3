import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import {
  defineOptimizer,
  type ParameterState,
  type StepRate,
  type TensorFlow,
} from './optimizer.js';
import { adaptiveLearningRate, beta1, beta2, epsilon, weightDecay } from './settings.js';

/**
 * Adam (Kingma and Ba, ICLR 2015, algorithm 1), in step t:
 * m ← β₁·m + (1−β₁)·g; v ← β₂·v + (1−β₂)·g²;
 * w ← w − lr · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε).
 */
export const adam = defineOptimizer({
  name: 'adam',
  description: 'Adam',
  schema: z.object({ learningRate: adaptiveLearningRate, beta1, beta2, epsilon, weightDecay }),
  slots: () => ['m', 'v'],
  make: (tf, { weightDecay, ...moments }) => ({
    l2: weightDecay,
    update: (state, gradient, at) => {
      const { step, slots } = adamStep(tf, state, gradient, at, moments);
      return { weight: tf.sub(state.weight, step), slots };
    },
  }),
});

export interface Moments {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** What Adam subtracts from the weight, and its slots after the step. */
export function adamStep(
  tf: TensorFlow,
  { slots }: ParameterState,
  gradient: Tensor,
  { rate, step }: StepRate,
  { beta1, beta2, epsilon }: Moments,
): { step: Tensor; slots: ParameterState['slots'] } {
  const m = tf.add(tf.mul(slots['m'], beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(slots['v'], beta2), tf.mul(tf.square(gradient), 1 - beta2));
  // Both corrections are scalars, so that they cost no pass over the values.
  const root = Math.sqrt(1 - power(beta2, step));
  const size = rate / (1 - power(beta1, step));
  const divisor = tf.add(tf.div(tf.sqrt(v), root), epsilon);
  return { step: tf.div(tf.mul(m, size), divisor), slots: { m, v } };
}

/** baseⁿ by products: `Math.pow` may differ in its last bit between JavaScript engines. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
