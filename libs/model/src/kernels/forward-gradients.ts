import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { axisGeometry, type ConvolutionWindow, type Padding } from './padding.js';

/**
 * d loss / d filter, as a forward convolution: the images become the channels, x the image and dy
 * the filter, spread out by the stride. The only way on wasm, which lacks Conv2DBackpropFilter.
 *
 * @param dy d loss / d output, [batch, h', w', out]
 * @returns [kh, kw, in, out]
 */
export function filterGradientForward(
  tf: TensorFlow,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: readonly number[],
  { stride, padding }: ConvolutionWindow,
): tf.Tensor {
  const [kernelHeight = 1, kernelWidth = 1] = filterShape;
  const images = fitAxis(
    tf,
    fitAxis(tf, tf.transpose(x, [3, 1, 2, 0]), 1, kernelHeight, stride, padding),
    2,
    kernelWidth,
    stride,
    padding,
  ); // [in, h padded, w padded, batch]
  const filter = tf.transpose(dy, [1, 2, 0, 3]); // [h', w', batch, out]
  const product = tf.conv2d(
    images as tf.Tensor4D,
    filter as tf.Tensor4D,
    1,
    'valid',
    'NHWC',
    stride,
  ); // [in, kh, kw, out]
  return tf.transpose(product, [1, 2, 0, 3]);
}

/** Pads or cuts an axis to exactly what the convolution's windows cover: (output − 1) · stride + window. */
function fitAxis(
  tf: TensorFlow,
  x: tf.Tensor,
  axis: number,
  window: number,
  stride: number,
  padding: Padding,
): tf.Tensor {
  const size = x.shape[axis];
  const { output, before } = axisGeometry(size, window, stride, padding);
  const after = (output - 1) * stride + window - size - before;
  if (after < 0) {
    const kept = x.shape.map((full, i) => (i === axis ? size + after : full));
    return fitAxis(
      tf,
      tf.slice(x, new Array<number>(x.rank).fill(0), kept),
      axis,
      window,
      stride,
      'valid',
    );
  }
  if (before === 0 && after === 0) return x;
  return tf.pad(
    x,
    x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
  );
}

/**
 * d loss / d x of a convolution with stride 1, as a forward convolution of dy by the filter, turned by
 * 180° and with input and output channels exchanged: several times faster on wasm than its kernel
 * Conv2DBackpropInput.
 *
 * @param inputShape [batch, h, w, in]
 */
export function imageGradientForward(
  tf: TensorFlow,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: readonly number[],
  padding: Padding,
): tf.Tensor {
  const [, height = 1, width = 1] = inputShape;
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
  const [kernelHeight = 1, kernelWidth = 1] = filter.shape;
  const odd = kernelHeight % 2 === 1 && kernelWidth % 2 === 1;
  if (padding === 'same' && odd) return tf.conv2d(dy as tf.Tensor4D, turned, 1, 'same');
  const padded = tf.pad(dy, [
    [0, 0],
    edges(height, kernelHeight, padding),
    edges(width, kernelWidth, padding),
    [0, 0],
  ]);
  return tf.conv2d(padded as tf.Tensor4D, turned, 1, 'valid');
}

/** Zeros around dy so that a valid convolution gives `input` values again; stride 1. */
function edges(input: number, window: number, padding: Padding): [number, number] {
  const { output, before } = axisGeometry(input, window, 1, padding);
  const first = window - 1 - before;
  return [first, input + window - 1 - output - first];
}
