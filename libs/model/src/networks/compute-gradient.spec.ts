import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { viewGradient, type Gradient, type ParameterSpec } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, numbers, relativeError } from '../../spec-backends.js';
import { classObjective } from '../../spec-objective.js';
import { buildModel } from './build-model.js';
import { computeGradient, type GradientRequest } from './compute-gradient.js';
import { evaluateBatch, predict } from './evaluate-batch.js';
import { initialWeights } from './initial-weights.js';
import { conv2d } from '../layers/conv2d.js';
import { dense } from '../layers/dense.js';
import { dropout } from '../layers/dropout.js';
import { flatten } from '../layers/flatten.js';
import { maxPool2d } from '../layers/max-pool2d.js';
import { relu } from '../layers/relu.js';
import { mnistCnn } from './mnist-cnn.js';
import { defineModel, parametersFor, type Model } from './model.js';
import type { Batch } from './run-network.js';

const small = buildModel(
  defineModel({
    name: 'small',
    layers: [
      conv2d({ filters: 3, kernelSize: 3 }),
      relu(),
      maxPool2d(2),
      conv2d({ filters: 4, kernelSize: 2, stride: 2, padding: 'valid' }),
      flatten(),
      dense({ units: 40 }),
      relu(),
      dropout(),
      dense({ units: 'classes' }),
    ],
  }),
  [10, 9, 2],
  { classes: 5 },
);
const cnn = buildModel(mnistCnn, [28, 28, 1], { classes: 10 });

const objective = classObjective();
const request: GradientRequest = {
  ...{ seed: 3, step: 7, firstSample: 0, keepProb: 1, clean: false },
  objective,
};

function batchFor(model: Model, count: number): Batch {
  const size = model.inputShape.reduce((a, b) => a * b);
  return {
    inputs: numbers(count * size, 9).map((value) => Math.max(value, 0)),
    targets: Int32Array.from(
      { length: count },
      (_, i) => (i * 3) % (model.layers.at(-1)?.outputShape[0] ?? 1),
    ),
  };
}

const tensors = (model: Model, seed = 1): tf.Tensor[] =>
  initialWeights(model, seed).map((v, i) => tf.tensor(v, [...model.parameters[i].shape]));

const withKind = (model: Model, gradient: 'dense' | 'factored'): ParameterSpec[] =>
  model.parameters.map(({ name, shape, factorable }) => ({
    name,
    shape,
    gradient: factorable ? gradient : 'dense',
  }));

/** Multiplies the factors out, in double precision. */
function denseValues(gradient: Gradient, parameters: readonly ParameterSpec[]): Float64Array[] {
  return gradient.map((entry, i) => {
    if (entry.kind === 'dense') return Float64Array.from(entry.values);
    const [inputs, outputs] = parameters[i].shape;
    const values = new Float64Array(inputs * outputs);
    for (let row = 0; row < entry.rows; row++) {
      for (let a = 0; a < inputs; a++) {
        const input = entry.inputs[row * inputs + a];
        for (let d = 0; d < outputs; d++) {
          values[a * outputs + d] += input * entry.deltas[row * outputs + d];
        }
      }
    }
    return values;
  });
}

/** mnist-cnn as anybody would write it with tfjs's tape, dropout left out. */
function tapeGradients(weights: readonly tf.Tensor[], batch: Batch): Float32Array[] {
  const images = tf.tensor4d(batch.inputs, [batch.targets.length, 28, 28, 1]);
  const truth = tf.oneHot(tf.tensor1d(batch.targets, 'int32'), 10);
  const loss = (...w: tf.Tensor[]): tf.Scalar => {
    const convolution = (x: tf.Tensor, first: number): tf.Tensor =>
      tf.maxPool(
        tf.relu(
          tf.add(tf.conv2d(x as tf.Tensor4D, w[first] as tf.Tensor4D, 1, 'same'), w[first + 1]),
        ) as tf.Tensor4D,
        2,
        2,
        'same',
      );
    const features = tf.reshape(convolution(convolution(images, 0), 2), [-1, 3136]);
    const hidden = tf.relu(tf.add(tf.matMul(features, w[4] as tf.Tensor2D), w[5]));
    const logits = tf.add(tf.matMul(hidden as tf.Tensor2D, w[6] as tf.Tensor2D), w[7]);
    return tf.neg(tf.sum(tf.mul(truth, tf.logSoftmax(logits)))) as tf.Scalar;
  };
  return tf
    .grads(loss)([...weights])
    .map((gradient) => gradient.dataSync<'float32'>());
}

beforeAll(loadBackends);
beforeEach(() => tf.setBackend('tensorflow'));

describe('computeGradient', () => {
  it('equals the gradient of the plain network on the stock tape', () => {
    const [weights, batch] = [tensors(cnn), batchFor(cnn, 6)];
    const parameters = withKind(cnn, 'dense');
    const { sections } = computeGradient(cnn, parameters, weights, batch, request);
    const own = denseValues(viewGradient(sections, parameters, 6), parameters);
    tapeGradients(weights, batch).forEach((expected, i) => {
      // The two add up 3136 products in another order each.
      expect(relativeError(own[i], expected)).toBeLessThan(5e-6);
    });
  });

  it('equals finite differences of the loss, dropout included', () => {
    const training = { ...request, keepProb: 0.75 };
    const [weights, batch] = [initialWeights(small, 2), batchFor(small, 4)];
    const parameters = withKind(small, 'dense');
    const lossAt = (index: number, at: number, shift: number): number => {
      const moved = weights.map((values) => Float32Array.from(values));
      moved[index][at] += shift;
      const asTensors = moved.map((v, i) => tf.tensor(v, [...small.parameters[i].shape]));
      return computeGradient(small, parameters, asTensors, batch, training).totals.lossSum;
    };
    const own = weights.map((v, i) => tf.tensor(v, [...small.parameters[i].shape]));
    const { sections } = computeGradient(small, parameters, own, batch, training);
    viewGradient(sections, parameters, 4).forEach((entry, index) => {
      const values = entry.kind === 'dense' ? entry.values : new Float32Array();
      const scale = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      for (let at = 0; at < values.length; at += Math.ceil(values.length / 5)) {
        // large steps cross kinks of ReLU and pooling, small ones drown in rounding: the best counts
        const errors = [1e-2, 3e-3, 1e-3, 3e-4].map((h) => {
          const difference = (lossAt(index, at, h) - lossAt(index, at, -h)) / (2 * h);
          return Math.abs(difference - values[at]) / scale;
        });
        expect(Math.min(...errors)).toBeLessThan(0.02);
      }
    });
  });

  it.each(BACKENDS)('factored equals dense on %s', async (backend) => {
    await tf.setBackend(backend);
    const [weights, batch] = [tensors(small), batchFor(small, 5)];
    const training = { ...request, keepProb: 0.5 };
    const [dense, factored] = (['dense', 'factored'] as const).map((kind) => {
      const parameters = withKind(small, kind);
      const { sections } = computeGradient(small, parameters, weights, batch, training);
      return denseValues(viewGradient(sections, parameters, 5), parameters);
    });
    factored.forEach((values, i) => {
      expect(relativeError(values, dense[i])).toBeLessThan(1e-6);
    });
  });

  it('reports the factored section once, before it is done', () => {
    const [weights, batch] = [tensors(small), batchFor(small, 5)];
    for (const kind of ['dense', 'factored'] as const) {
      const told: Float32Array[] = [];
      const parameters = withKind(small, kind);
      const { sections } = computeGradient(small, parameters, weights, batch, request, (early) =>
        told.push(early.slice()),
      );
      expect(told).toEqual([sections.factored]);
      expect(sections.factored.length > 0).toBe(kind === 'factored');
    }
  });

  it('gives on wasm what native TensorFlow gives, to rounding', async () => {
    const batch = batchFor(small, 5);
    const parameters = withKind(small, 'dense');
    const training = { ...request, keepProb: 0.5 };
    const native = computeGradient(small, parameters, tensors(small), batch, training);
    await tf.setBackend('wasm');
    const wasm = computeGradient(small, parameters, tensors(small), batch, training);
    expect(relativeError(wasm.sections.dense, native.sections.dense)).toBeLessThan(1e-5);
    expect(wasm.totals.lossSum).toBeCloseTo(native.totals.lossSum, 3);
  });

  it('sums over samples: two halves of a batch add up to the whole, with the same dropout', () => {
    const weights = tensors(small);
    const whole = batchFor(small, 6);
    const size = whole.inputs.length / 6;
    const parameters = withKind(small, 'dense');
    const part = (first: number, count: number): Float32Array =>
      computeGradient(
        small,
        parameters,
        weights,
        {
          inputs: whole.inputs.slice(first * size, (first + count) * size),
          targets: whole.targets.slice(first, first + count),
        },
        { ...request, keepProb: 0.5, firstSample: 10 + first },
      ).sections.dense;
    const [all, head, tail] = [part(0, 6), part(0, 2), part(2, 4)];
    expect(
      relativeError(
        head.map((value, i) => value + tail[i]),
        all,
      ),
    ).toBeLessThan(1e-6);
  });

  it('counts correct samples, and again without dropout when asked', () => {
    const [weights, batch] = [tensors(small), batchFor(small, 8)];
    const parameters = parametersFor(small, { batch: 8, shardSize: 8 });
    const plain = computeGradient(small, parameters, weights, batch, request).totals;
    const training = { ...request, keepProb: 0.3, clean: true };
    const clean = computeGradient(small, parameters, weights, batch, training).totals;
    const evaluation = evaluateBatch(small, weights, batch, objective);
    expect(plain).not.toHaveProperty('cleanCorrectCount');
    expect(clean.cleanCorrectCount).toBe(evaluation.metricSums[0]);
    expect(plain.metricSums).toEqual(evaluation.metricSums);
    expect(plain.lossSum).toBeCloseTo(evaluation.lossSum, 4);
    expect(evaluation.predictions).toHaveLength(8);
  });

  it('leaves no tensor behind and keeps the weights', () => {
    const [weights, batch] = [tensors(small), batchFor(small, 3)];
    const before = tf.memory().numTensors;
    const parameters = parametersFor(small, { batch: 3, shardSize: 3 });
    computeGradient(small, parameters, weights, batch, { ...request, clean: true });
    predict(small, weights, batch.inputs);
    evaluateBatch(small, weights, batch, objective);
    expect(tf.memory().numTensors).toBe(before);
    expect(weights.every((weight) => !weight.isDisposed)).toBe(true);
  });

  it('gives the same bytes in another process', () => {
    const parameters = parametersFor(cnn, { batch: 100, shardSize: 50 });
    const training = { ...request, keepProb: 0.5 };
    const { sections } = computeGradient(cnn, parameters, tensors(cnn), batchFor(cnn, 5), training);
    const here = createHash('sha256')
      .update(new Uint8Array(sections.factored.buffer))
      .update(new Uint8Array(sections.dense.buffer))
      .digest('hex');
    const program = `
      import { createHash } from 'node:crypto';
      import { buildModel, computeGradient, initialWeights, makeObjective, mnistCnn, parametersFor } from '@lockstep/model';
      import * as tf from '@tensorflow/tfjs-node';
      const model = buildModel(mnistCnn, [28, 28, 1], { classes: 10 });
      const inputs = Float32Array.from(JSON.parse(process.argv[1]));
      const targets = Int32Array.from({ length: 5 }, (_, i) => (i * 3) % 10);
      const weights = initialWeights(model, 1).map((v, i) => tf.tensor(v, model.parameters[i].shape));
      const spec = { loss: { kind: 'cross-entropy' }, metrics: ['accuracy'] };
      const objective = makeObjective(tf, spec, {}, { outputs: 10, target: { classes: 10 } });
      const request = { ...${JSON.stringify(training)}, objective };
      const { sections } = computeGradient(model, parametersFor(model, { batch: 100, shardSize: 50 }), weights, { inputs, targets }, request);
      const hash = createHash('sha256');
      hash.update(new Uint8Array(sections.factored.buffer)).update(new Uint8Array(sections.dense.buffer));
      process.stdout.write(hash.digest('hex'));
    `;
    const images = JSON.stringify(Array.from(batchFor(cnn, 5).inputs));
    const there = execFileSync(process.execPath, ['--input-type=module', '-e', program, images], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect(there).toBe(here);
  });
});

describe('predict', () => {
  it('gives probabilities that sum to 1', () => {
    const rows = predict(small, tensors(small), batchFor(small, 3).inputs);
    for (let row = 0; row < 3; row++) {
      const sum = rows.subarray(row * 5, row * 5 + 5).reduce((a, b) => a + b);
      expect(sum).toBeCloseTo(1, 5);
    }
  });
});
