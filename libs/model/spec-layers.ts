import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, relativeError, tensorOf } from './spec-backends.js';
import type { Layer, LayerPlace } from './src/layers/layer.js';
import type { ParameterGradient, Pass } from './src/layers/operation.js';
import { buildLayer, layerSchema, type LayerDefinition } from './src/layers/registry.js';

const dropout = { seed: 1, step: 1, firstSample: 0, keepProb: 1 };
const training: Pass = { kind: 'training', dropout };

/** A layer as it is built in a network whose data has this shape. */
export function layerOf(
  definition: LayerDefinition,
  inputShape: readonly number[],
  place: Partial<LayerPlace> = {},
): Layer {
  return buildLayer(tf, layerSchema.parse(definition), {
    ...{ name: 'layer', inputShape, classCount: 3, dropoutIndex: 0, initialisation: 'he' as const },
    earlier: new Map(),
    ...place,
  });
}

/** The output of a layer, and the gradients of Σ dy · output: of the input, then of each parameter. */
export interface Computed {
  readonly output: tf.Tensor;
  readonly gradients: readonly tf.Tensor[];
}

/** Runs a layer's operations forward and backward, as a training pass does. */
export function computeLayer(
  layer: Layer,
  x: tf.Tensor,
  weights: readonly tf.Tensor[],
  dyOf: (output: tf.Tensor) => tf.Tensor,
): Computed {
  let output = x;
  const own = layer.buffers?.map(({ shape, value }) => tf.fill([...shape], value)) ?? [];
  const trace = layer.operations.map(({ operation, parameters, buffers = [] }) => {
    const tensors = [
      ...parameters.map((index) => weights[index]),
      ...buffers.map((index) => own[index]),
    ];
    const forward = operation.forward(output, tensors, training, []);
    output = forward.output;
    return { forward, parameters };
  });
  let dy = dyOf(output);
  const gradients: tf.Tensor[] = [];
  for (const { forward, parameters } of trace.toReversed()) {
    const backward = forward.backward(dy, true);
    parameters.forEach((index, own) => (gradients[index] = denseOf(backward.parameters[own])));
    dy = backward.input ?? tf.zerosLike(x);
  }
  return { output, gradients: [dy, ...gradients] };
}

const denseOf = (gradient: ParameterGradient): tf.Tensor =>
  gradient.kind === 'dense' ? gradient.values : tf.matMul(gradient.inputs, gradient.deltas, true);

interface Example {
  readonly layer: LayerDefinition;
  /** Of one sample. */
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** The same function, made of tfjs's operations, which its tape differentiates. */
  readonly reference: (x: tf.Tensor, ...weights: tf.Tensor[]) => tf.Tensor;
  /** [batch, …inputShape]; by default numbers in [-1, 1) */
  readonly input?: () => tf.Tensor;
  /** Whether the input is data that has no gradient. */
  readonly noInputGradient?: boolean;
}

/**
 * Declares the tests of a layer: its output and its gradients equal those of tfjs's tape within 1e-5 (relative), on
 * every backend, and come out with the same bits again.
 */
export function itEqualsTheTape(title: string, example: Example): void {
  const { inputShape, reference } = example;
  describe(title, () => {
    beforeAll(loadBackends);

    it.each(BACKENDS)('has the output and gradients of the tape on %s', async (backend) => {
      await tf.setBackend('tensorflow');
      const layer = layerOf(example.layer, inputShape);
      expect(layer.outputShape).toEqual(example.outputShape);
      const x = example.input?.() ?? tensorOf([3, ...inputShape], 7);
      const weights = layer.parameters.map(({ shape }, i) => tensorOf([...shape], i + 1));
      const expected = reference(x, ...weights);
      const dyOf = ({ shape }: tf.Tensor): tf.Tensor => tensorOf(shape, 99);
      const loss = (...all: tf.Tensor[]): tf.Scalar => {
        const [first, ...rest] = example.noInputGradient ? [x, ...all] : all;
        return tf.sum(tf.mul(reference(first, ...rest), dyOf(expected)));
      };
      const wanted = tf.grads(loss)(example.noInputGradient ? weights : [x, ...weights]);
      const known = [expected, ...wanted].map((tensor) => tensor.dataSync<'float32'>());

      await tf.setBackend(backend);
      const run = (): Float32Array[] => {
        const { output, gradients } = computeLayer(layer, x, weights, dyOf);
        expect(output.shape).toEqual([x.shape[0], ...example.outputShape]);
        const found = example.noInputGradient ? gradients.slice(1) : gradients;
        return [output, ...found].map((tensor) => tensor.dataSync<'float32'>());
      };
      const own = run();
      expect(own).toHaveLength(known.length);
      own.forEach((values, i) => expect(relativeError(values, known[i])).toBeLessThan(1e-5));
      expect(run()).toEqual(own);
    });
  });
}
