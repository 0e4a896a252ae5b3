/** Every kind of layer, one line each. */
export { conv2dLayer } from './conv2d.js';
export { denseLayer } from './dense.js';
export { dropoutLayer } from './dropout.js';
export { flattenLayer } from './flatten.js';
export { maxPool2dLayer } from './max-pool2d.js';
export { reluLayer } from './relu.js';
