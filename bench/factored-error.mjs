#!/usr/bin/env node
// How far a step's gradient by factors is from the one by dense sections, on the built-in network.
//
//   node bench/factored-error.mjs [STEPS]
import { defaultRecipe } from '../libs/core/dist/index.js';
import { dataSpec, loadDataSet, planStep } from '../libs/data/dist/index.js';
import { Training } from '../libs/engine/dist/training.js';
import { sumsOf } from '../libs/engine/dist/update-sums.js';
import { loadNetwork, parametersFor } from '../libs/model/dist/index.js';
import { applyUpdate, disposeState, initialState, stateLayout } from '../libs/optim/dist/index.js';
import * as tf from '@tensorflow/tfjs-core';
import { loadTensorFlow, tensorFlowEnvironment } from '../libs/runtime/dist/tensorflow/index.js';

const STEPS = Number(process.argv[2] ?? 60);
/** With it the weights become minus the mean gradient, where they were 0. */
const WHOLE = { kind: 'sgd', learningRate: 1, momentum: 0, schedule: { kind: 'constant' } };

Object.assign(process.env, tensorFlowEnvironment(1, 'cpu'));
await loadTensorFlow({ threads: 1 });
const dataSet = await loadDataSet('mnist');
const data = dataSpec(dataSet);
const model = await loadNetwork('mnist-cnn', data);

const sizes = { batch: 100, shardSize: 50 };
const byFactors = trainingWith(parametersFor(model, sizes));
const byDense = trainingWith(byFactors.parameters.map((each) => ({ ...each, gradient: 'dense' })));
byFactors.training.initialise();

let worst = 0;
for (let step = 1; step <= STEPS; step++) {
  byDense.training.load(step - 1, byFactors.training.export().state);
  const update = await updateOf(byFactors, step);
  const [found, expected] = [
    meanGradient(byFactors, update),
    meanGradient(byDense, await updateOf(byDense, step)),
  ];
  worst = Math.max(worst, ...found.map((values, i) => relativeError(values, expected[i])));
  byFactors.training.apply(step, update);
}
console.log(`${STEPS} steps: ${worst.toExponential(2)} of the norm at most, of any parameter`);

function trainingWith(parameters) {
  const { optimizer, keepProb } = defaultRecipe;
  const spec = {
    ...{ formatVersion: 2, data, ...sizes, steps: STEPS },
    model: {
      name: 'mnist-cnn',
      parameters,
      loss: { kind: 'cross-entropy' },
      metrics: ['accuracy'],
    },
    ...{ optimizer, keepProb, seed: 1, threads: 1, numerics: 'strict', device: 'cpu', wire: 'f32' },
  };
  return { spec, parameters, training: new Training(spec, model, dataSet) };
}

async function updateOf({ spec, training }, step) {
  const shards = [];
  const sections = [];
  for (const shard of planStep(spec, step)) {
    const { dense } = await training.compute(shard, false, (factors) =>
      shards.push({ sampleCount: shard.sampleCount, ...factors }),
    );
    sections.push(dense);
  }
  return { shards, dense: training.reduceDense(sections).dense };
}

/** Of each parameter, but for the sign. */
function meanGradient({ parameters }, update) {
  const zeros = parameters.map(({ shape }) => new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const options = { optimizer: WHOLE, steps: 1, batch: sizes.batch };
  const sums = sumsOf(update, { parameters }, 'f32');
  const layout = stateLayout({ model: { parameters }, optimizer: WHOLE });
  const state = applyUpdate(tf, initialState(tf, layout, zeros), sums, options, false);
  const values = state.weights.map((tensor) => tensor.dataSync().slice());
  disposeState(state);
  return values;
}

function relativeError(found, expected) {
  const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm(found.map((value, i) => value - expected[i])) / norm(expected);
}
