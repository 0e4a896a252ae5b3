import { dense } from '../layers/dense.js';
import { flatten } from '../layers/flatten.js';
import { defineModel } from './model.js';

/** Softmax regression, the network of TensorFlow's tutorial "MNIST for ML Beginners": 7,850 parameters on MNIST. */
export const softmaxRegression = defineModel({
  name: 'softmax',
  layers: [flatten(), dense({ units: 'classes', initialiser: 'zeros' })],
});
