import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { loadTensorFlow } from '../../spec-tensorflow.js';
import { nesterov } from './nesterov.js';

beforeAll(loadTensorFlow);

it('follows the formula', () => {
  const { update } = nesterov.make(tf, { learningRate: 0.1, momentum: 0.5, weightDecay: 0 });
  const initial = { weight: tf.tensor([1, 2]), slots: { velocity: tf.zeros([2]) } };
  // v = [4, -2], w = [1, 2] − 0.25 · ([4, -2] + 0.5 · v)
  const first = update(initial, tf.tensor([4, -2]), { rate: 0.25, step: 1 });
  expect([...first.slots['velocity'].dataSync()]).toEqual([4, -2]);
  expect([...first.weight.dataSync()]).toEqual([-0.5, 2.75]);
  // v = [3, 0], w = [-0.5, 2.75] − 0.5 · ([1, 1] + 0.5 · v)
  const second = update(first, tf.tensor([1, 1]), { rate: 0.5, step: 2 });
  expect([...second.slots['velocity'].dataSync()]).toEqual([3, 0]);
  expect([...second.weight.dataSync()]).toEqual([-1.75, 2.25]);
});
