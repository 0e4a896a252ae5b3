/** The exports that a model file imports from `lockstep` or `@lockstep/model`. */
export { defineDataset, type DatasetDefinition } from '@lockstep/data';
export { defineModel, type ModelDefinition } from './networks/model.js';
export type {
  BuildDefinition,
  BuildNetwork,
  NetworkContext,
} from './networks/tape/build-network.js';
export type { CustomLoss, SampleFunction } from './losses/custom-loss.js';
export type { CustomMetric } from './metrics/custom-metric.js';
export type { TensorFunction, TensorParameter } from './networks/tape/function-model.js';
export type { LayerDefinition } from './layers/registry.js';
export { add } from './layers/add.js';
export { avgPool2d } from './layers/avg-pool2d.js';
export { batchNorm } from './layers/batch-norm.js';
export { branch } from './layers/branch.js';
export { concatenate } from './layers/concatenate.js';
export { conv2d } from './layers/conv2d.js';
export { dense } from './layers/dense.js';
export { depthwiseConv2d } from './layers/depthwise-conv2d.js';
export { dropout } from './layers/dropout.js';
export { embedding } from './layers/embedding.js';
export { flatten } from './layers/flatten.js';
export { gelu } from './layers/gelu.js';
export { globalAveragePool } from './layers/global-average-pool.js';
export { globalMaxPool } from './layers/global-max-pool.js';
export { groupNorm } from './layers/group-norm.js';
export { layerNorm } from './layers/layer-norm.js';
export { leakyRelu } from './layers/leaky-relu.js';
export { maxPool2d } from './layers/max-pool2d.js';
export { relu } from './layers/relu.js';
export { separableConv2d } from './layers/separable-conv2d.js';
export { sigmoid } from './layers/sigmoid.js';
export { softmax } from './layers/softmax.js';
export { tanh } from './layers/tanh.js';
export { mnistCnn } from './networks/mnist-cnn.js';
