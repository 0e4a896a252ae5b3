import { defineModel } from './model.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { dropout } from '../layers/dropout.js';
import { flatten } from '../layers/flatten.js';
import { maxPool2d } from '../layers/max-pool2d.js';
import { relu } from '../layers/relu.js';

/** The network of TensorFlow's tutorial "Deep MNIST for Experts": 3,274,634 parameters. */
export const mnistCnn = defineModel({
  name: 'mnist-cnn',
  layers: [
    // [28, 28, 1]
    conv2d({ filters: 32, kernelSize: 5 }), // [28, 28, 32]
    relu(),
    maxPool2d(2), // [14, 14, 32]
    conv2d({ filters: 64, kernelSize: 5 }), // [14, 14, 64]
    relu(),
    maxPool2d(2), // [7, 7, 64]
    flatten(), // [3136]
    dense({ units: 1024 }), // [1024]
    relu(),
    dropout(),
    dense({ units: 'classes' }), // [10]
  ],
});
