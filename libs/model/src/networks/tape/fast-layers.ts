import { sizeOf } from '@lockstep/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { maxPoolForGradient } from '../../kernels/max-pool.js';
import type { Padding } from '../../kernels/padding.js';
import { biasOperation } from '../../layers/bias.js';
import { convolutionOperation } from '../../layers/conv2d.js';
import { productOperation } from '../../layers/dense.js';
import { dropoutMask } from '../../layers/dropout-mask.js';
import type { Operation } from '../../layers/operation.js';
import type { TensorFlow } from '../../tensorflow.js';
import type { GradientPass } from './gradient-pass.js';
import type { TapeLayer } from './tensorflow-layers.js';

/** A layer's place in its model. */
export interface FastPlace {
  /** Rank of the layer's input, with the batch. */
  readonly inputRank: number;
  /** Whether something that is trained comes before it. */
  readonly wantInput: boolean;
  /** Number of dropout layers before it. */
  readonly dropoutIndex: number;
  /** The number of a parameter within the model; undefined where it is constant. */
  readonly parameterOf: (weight: LayerVariable) => number | undefined;
}

/** Computes a layer in a gradient pass; undefined where tfjs' way is taken. */
export type FastCall = (x: tf.Tensor, pass: GradientPass) => tf.Tensor | undefined;

/** The fields of tfjs-layers' own classes that are read here. */
interface LayerFields {
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | null;
  readonly activation: { apply(x: tf.Tensor): tf.Tensor } | null;
  readonly strides: readonly number[];
  readonly poolSize: readonly number[];
  readonly padding: string;
  readonly dataFormat: string;
  readonly dilationRate?: number | readonly number[];
  readonly rate: number;
  getNoiseShape(x: tf.Tensor): readonly number[] | null | undefined;
}

/**
 * How a layer of tfjs-layers is computed in a gradient pass with the kernels of Lockstep's own
 * layers, and its random numbers drawn from the keyed generator; undefined for other layers.
 */
export function fastCall(tf: TensorFlow, layer: TapeLayer, place: FastPlace): FastCall | undefined {
  const fields = layer as unknown as LayerFields;
  switch (layer.getClassName()) {
    case 'Dense':
      // Along the last axis of more dimensions it is no product of two matrices.
      if (place.inputRank !== 2) return undefined;
      return withWeights(tf, fields, place, productOperation(tf));
    case 'Conv2D':
      return isPlain(fields) ? withWeights(tf, fields, place, convolution(tf, fields)) : undefined;
    case 'MaxPooling2D':
      return isPlain(fields) && isSquare(fields.poolSize) ? pooling(tf, fields, place) : undefined;
    case 'Dropout':
    case 'SpatialDropout1D':
      return dropping(tf, fields, place.dropoutIndex);
    default:
      return undefined;
  }
}

/** A product or convolution with the kernel, then bias and activation. */
function withWeights(
  tf: TensorFlow,
  { kernel, bias, activation }: LayerFields,
  { wantInput, parameterOf }: FastPlace,
  operation: Operation,
): FastCall | undefined {
  const [kernelIndex, biasIndex] = [parameterOf(kernel), bias ? parameterOf(bias) : undefined];
  if (kernelIndex === undefined || (bias && biasIndex === undefined)) return undefined;
  const addition = biasOperation(tf);
  return (x, pass) => {
    let y = pass.record(operation, x, [kernel.read()], [kernelIndex], wantInput);
    if (bias && biasIndex !== undefined) {
      y = pass.record(addition, y, [bias.read()], [biasIndex], true);
    }
    return activation ? activation.apply(y) : y;
  };
}

function convolution(tf: TensorFlow, { strides, padding }: LayerFields): Operation {
  return convolutionOperation(tf, { stride: strides[0], padding: padding as Padding });
}

function pooling(tf: TensorFlow, fields: LayerFields, { wantInput }: FastPlace): FastCall {
  const { poolSize, strides, padding } = fields;
  const window = { size: poolSize[0], stride: strides[0], padding: padding as Padding };
  const operation: Operation = {
    monotone: false,
    forward(x) {
      const { output, gradient } = maxPoolForGradient(tf, x, window);
      return { output, backward: (dy) => ({ input: gradient(dy), parameters: [] }) };
    },
  };
  return (x, pass) => pass.record(operation, x, [], [], wantInput);
}

/** Inverted dropout; in a dimension where the layer's noise shape is 1, values are dropped together. */
function dropping(tf: TensorFlow, fields: LayerFields, dropoutIndex: number): FastCall {
  const keepProb = 1 - fields.rate;
  return (x, { key }) => {
    if (keepProb === 1) return x;
    const [sampleCount, ...noise] = fields.getNoiseShape(x) ?? x.shape;
    if (sampleCount !== x.shape[0]) return undefined;
    const mask = dropoutMask({ ...key, keepProb }, dropoutIndex, sampleCount, sizeOf(noise));
    return tf.mul(x, tf.tensor(mask, [sampleCount, ...noise]));
  };
}

/** Whether a layer slides as Lockstep's own do: over [batch, h, w, c], equally along both axes. */
function isPlain({ strides, padding, dataFormat, dilationRate }: LayerFields): boolean {
  const dilations = [dilationRate ?? 1].flat();
  return (
    dataFormat === 'channelsLast' &&
    isSquare(strides) &&
    (padding === 'same' || padding === 'valid') &&
    dilations.every((dilation) => dilation === 1)
  );
}

const isSquare = ([height, width]: readonly number[]): boolean => height === width;
