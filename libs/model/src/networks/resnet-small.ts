import { add } from '../layers/add.js';
import { branch } from '../layers/branch.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { globalAveragePool } from '../layers/global-average-pool.js';
import { groupNorm } from '../layers/group-norm.js';
import { relu } from '../layers/relu.js';
import type { LayerDefinition } from '../layers/registry.js';
import { defineModel } from './model.js';

/** A 3×3 convolution without bias and its group normalisation, which has one. */
const convolution = (filters: number, stride = 1): LayerDefinition[] => [
  conv2d({ filters, kernelSize: 3, stride, bias: false, initialiser: 'he' }),
  groupNorm({ groups: 4 }),
];

/**
 * Two convolutions, and beside them a shortcut: a 1×1 convolution, since size and channels change.
 *
 * @param from name of the layer whose output the block is given
 */
const block = (from: string, name: string, filters: number): LayerDefinition[] => [
  ...convolution(filters, 2),
  relu(),
  ...convolution(filters).slice(0, 1),
  groupNorm({ groups: 4, name: `${name}-main` }),
  branch({ from }),
  conv2d({ filters, kernelSize: 1, stride: 2, initialiser: 'he' }),
  add({ with: `${name}-main` }),
  relu({ name }),
];

/**
 * A residual network (He et al., arXiv:1512.03385) of three blocks with group normalisation (Wu & He,
 * arXiv:1803.08494), which depends on no other sample of the shard.
 */
export const resnetSmall = defineModel({
  name: 'resnet-small',
  layers: [
    // [28, 28, 1]
    ...convolution(16), // [28, 28, 16]
    relu({ name: 'stem' }),
    ...block('stem', 'block1', 32), // [14, 14, 32]
    ...block('block1', 'block2', 64), // [7, 7, 64]
    ...block('block2', 'block3', 128), // [4, 4, 128]
    globalAveragePool(),
    dense({ units: 'classes', initialiser: 'he' }),
  ],
});
