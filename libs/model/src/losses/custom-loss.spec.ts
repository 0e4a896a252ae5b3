import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { loadBackends, relativeError, tensorOf } from '../../spec-backends.js';
import { checkLoss } from './check-loss.js';
import { customLoss, type CustomLoss } from './custom-loss.js';
import { losses } from './registry.js';

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('tensorflow');
});

const place = { outputs: 3, target: { classes: 3 } };
const check = (custom: CustomLoss): void => {
  checkLoss(tf, customLoss(tf, custom), place, typeof custom !== 'function');
};
const byHand = (_: unknown, outputs: Tensor, labels: Tensor): Tensor =>
  tf.neg(tf.sum(tf.mul(tf.logSoftmax(outputs as tf.Tensor2D), tf.oneHot(labels, 3)), 1));

it('a loss written by hand is differentiated to what the registered one computes', () => {
  const outputs = tensorOf([5, 3]);
  const labels = Int32Array.of(0, 2, 1, 1, 0);
  const { entry, settings } = losses.read({ kind: 'cross-entropy' });
  const expected = entry.make(tf, settings)(outputs, labels);
  const found = customLoss(tf, byHand)(outputs, labels);
  expect(found.lossSum).toBeCloseTo(expected.lossSum, 5);
  expect(relativeError(found.delta.dataSync(), expected.delta.dataSync())).toBeLessThan(1e-6);
});

it('a shard’s loss is a mean: its sum and its delta grow with the samples', () => {
  const outputs = tensorOf([5, 3]);
  const labels = Int32Array.of(0, 2, 1, 1, 0);
  const each = customLoss(tf, byHand)(outputs, labels);
  const mean = { shard: (...given: Parameters<typeof byHand>) => tf.mean(byHand(...given)) };
  const whole = customLoss(tf, mean)(outputs, labels);
  expect(whole.lossSum).toBeCloseTo(each.lossSum, 5);
  expect(relativeError(whole.delta.dataSync(), each.delta.dataSync())).toBeLessThan(1e-6);
});

it('accepts losses per sample and declared losses over a shard', () => {
  check(byHand);
  check({ shard: (_tf, outputs) => tf.sub(tf.max(outputs), tf.mean(outputs)) });
});

it.each<[string, CustomLoss, RegExp]>([
  ['a mean', (_tf, outputs) => tf.mean(outputs), /returns a tensor of shape \[\].*not \[3\]/],
  ['no tensor', (() => 1) as unknown as CustomLoss, /returns no tensor/],
  [
    'samples that are compared',
    (_tf, outputs) => tf.sum(tf.square(tf.sub(outputs, tf.mean(outputs, 0))), 1),
    /depends on the other samples/,
  ],
  ['NaN', (_tf, outputs) => tf.sum(tf.log(outputs), 1), /not finite/],
  ['random numbers', (_tf, outputs) => tf.mul(tf.sum(outputs, 1), Math.random()), /twice/],
  [
    'an error',
    () => {
      throw new Error('no such thing');
    },
    /no such thing/,
  ],
])('refuses %s', (_what, loss, message) => {
  expect(() => check(loss)).toThrow(message);
});
