import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { filterGradientForward, imageGradientForward } from './forward-gradients.js';
import { isNative } from './native.js';
import type { ConvolutionWindow } from './padding.js';

/** x [batch, h, w, in] ∗ filter [kh, kw, in, out] → [batch, h', w', out] */
export function convolve(
  tf: TensorFlow,
  x: tf.Tensor,
  filter: tf.Tensor,
  { stride, padding }: ConvolutionWindow,
): tf.Tensor {
  return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
}

/**
 * d loss / d filter. Native TensorFlow's own kernel, which is oneDNN's, is the fastest there; wasm has
 * none.
 *
 * @param dy d loss / d output, [batch, h', w', out]
 * @param filterShape [kh, kw, in, out]
 */
export function filterGradient(
  tf: TensorFlow,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: readonly number[],
  window: ConvolutionWindow,
): tf.Tensor {
  if (!isNative(tf)) return filterGradientForward(tf, x, dy, filterShape, window);
  const { stride: strides, padding: pad } = window;
  const attributes = { strides, pad, dataFormat: 'NHWC', filterShape: [...filterShape] };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, attributes);
}

/**
 * d loss / d x, by the kernel Conv2DBackpropInput where it is the faster one.
 *
 * @param inputShape [batch, h, w, in]
 */
export function imageGradient(
  tf: TensorFlow,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: readonly number[],
  window: ConvolutionWindow,
): tf.Tensor {
  const { stride, padding } = window;
  if (!isNative(tf) && stride === 1)
    return imageGradientForward(tf, dy, filter, inputShape, padding);
  const shape = inputShape as [number, number, number, number];
  return tf.conv2dTranspose(dy as tf.Tensor4D, filter as tf.Tensor4D, shape, stride, padding);
}
