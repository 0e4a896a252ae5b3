import { avgPool2d } from '../layers/avg-pool2d.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { flatten } from '../layers/flatten.js';
import { tanh } from '../layers/tanh.js';
import { defineModel } from './model.js';

/**
 * LeNet-5 (LeCun, Bottou, Bengio & Haffner, 1998) as it is taught today: every map of the second convolution sees all
 * of the first one's, pooling has no weights, and softmax replaces the radial basis functions: 61,706 parameters on
 * MNIST.
 */
export const lenet5 = defineModel({
  name: 'lenet5',
  layers: [
    // [28, 28, 1]
    conv2d({ filters: 6, kernelSize: 5, initialiser: 'glorot' }), // [28, 28, 6]
    tanh(),
    avgPool2d(2), // [14, 14, 6]
    conv2d({ filters: 16, kernelSize: 5, padding: 'valid', initialiser: 'glorot' }), // [10, 10, 16]
    tanh(),
    avgPool2d(2), // [5, 5, 16]
    flatten(), // [400]
    dense({ units: 120, initialiser: 'glorot' }),
    tanh(),
    dense({ units: 84, initialiser: 'glorot' }),
    tanh(),
    dense({ units: 'classes', initialiser: 'glorot' }),
  ],
});
