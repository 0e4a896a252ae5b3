import { z } from 'zod';

/** Settings that several optimizers have in common. */

/** A share that is kept in each step, from 0 and below 1. */
export const share = z
  .number('must be a number from 0 and below 1')
  .min(0, 'must be at least 0')
  .lt(1, 'must be below 1');

const rate = z
  .number('must be a number above 0')
  .positive('must be above 0')
  .describe('highest learning rate of the schedule');

/** Of SGD and its variants. */
export const learningRate = rate.default(0.03);

/** Of optimizers that divide the gradient by its size, so that a step is about this long. */
export const adaptiveLearningRate = rate.default(0.001);

export const momentum = share
  .default(0.9)
  .describe('share of the velocity that is kept in each step; 0 for none');

const decay = z
  .number('must be a number from 0')
  .min(0, 'must be at least 0')
  .describe('weight decay, of parameters of two or more dimensions: not of biases; 0 for none');

/** As a penalty: the rule's `l2`. */
export const weightDecay = decay.default(0);

/** Apart from the gradient (AdamW). */
export const decoupledWeightDecay = decay.default(0.01);

export const beta1 = share
  .default(0.9)
  .describe('share of the mean gradient that is kept in each step');

export const beta2 = share
  .default(0.999)
  .describe('share of the mean squared gradient that is kept in each step');

export const epsilon = z
  .number('must be a number above 0')
  .positive('must be above 0')
  .default(1e-8)
  .describe('added to the root of the mean squared gradient, by which a step is divided');
