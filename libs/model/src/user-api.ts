/** The exports that a model file imports from `lockstep` or `@lockstep/model`. */
export { defineModel, type ModelDefinition } from './networks/model.js';
export type { LayerDefinition } from './layers/registry.js';
export { conv2d } from './layers/conv2d.js';
export { dense } from './layers/dense.js';
export { dropout } from './layers/dropout.js';
export { flatten } from './layers/flatten.js';
export { maxPool2d } from './layers/max-pool2d.js';
export { relu } from './layers/relu.js';
export { mnistCnn } from './networks/mnist-cnn.js';
