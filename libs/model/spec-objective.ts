import * as tf from '@tensorflow/tfjs-core';
import { makeObjective, type Objective } from './src/objective/objective.js';

/** Cross-entropy and accuracy, for networks with this many outputs. */
export function classObjective(outputs = 10): Objective {
  const spec = { loss: { kind: 'cross-entropy' }, metrics: ['accuracy'] };
  return makeObjective(tf, spec, {}, { outputs, target: { classes: outputs } });
}
