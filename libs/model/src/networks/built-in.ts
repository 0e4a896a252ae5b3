import { lenet5 } from './lenet5.js';
import { mlp } from './mlp.js';
import { mnistCnn } from './mnist-cnn.js';
import type { ModelDefinition } from './model.js';
import { resnetSmall } from './resnet-small.js';
import { softmaxRegression } from './softmax.js';

/** Every built-in network. */
const definitions = [mnistCnn, softmaxRegression, mlp, lenet5, resnetSmall];

/** The built-in networks by name. */
export const builtInModels: Readonly<Record<string, ModelDefinition>> = Object.fromEntries(
  definitions.map((definition) => [definition.name, definition]),
);
