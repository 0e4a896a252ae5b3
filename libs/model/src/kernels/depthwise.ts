import type * as tf from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../tensorflow.js';
import { filterGradient, imageGradient } from './convolution.js';
import { isNative } from './native.js';
import type { ConvolutionWindow } from './padding.js';

/**
 * Each channel convolved by filters of its own: x [batch, h, w, c], filter [kh, kw, c, multiplier] →
 * [batch, h', w', c · multiplier]
 */
export function depthwise(
  tf: TensorFlow,
  x: tf.Tensor,
  filter: tf.Tensor,
  { stride, padding }: ConvolutionWindow,
): tf.Tensor {
  return tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
}

/**
 * d loss / d filter. Wasm has no such kernel: the gradient of the equal full convolution is taken there, and of it
 * the part that stays within each channel.
 *
 * @param dy d loss / d output, [batch, h', w', c · multiplier]
 * @param filterShape [kh, kw, c, multiplier]
 */
export function depthwiseFilterGradient(
  tf: TensorFlow,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: readonly number[],
  window: ConvolutionWindow,
): tf.Tensor {
  if (isNative(tf)) {
    const attributes = { ...attributesOf(window), filterShape: [...filterShape] };
    return tf.engine().runKernel(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, attributes);
  }
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filterShape;
  const fullShape = [height, width, channels, channels * multiplier];
  const full = filterGradient(tf, x, dy, fullShape, window);
  const area = height * width;
  const pairs = tf.reshape(full, [area, channels, channels, multiplier]);
  const within = tf.sum(tf.mul(pairs, ownChannel(tf, channels)), 2); // [area, c, multiplier]
  return tf.reshape(within, [...filterShape]);
}

/**
 * d loss / d x; on wasm by the full convolution whose filter is 0 between different channels.
 *
 * @param inputShape [batch, h, w, c]
 */
export function depthwiseImageGradient(
  tf: TensorFlow,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: readonly number[],
  window: ConvolutionWindow,
): tf.Tensor {
  if (isNative(tf)) {
    const attributes = { ...attributesOf(window), inputShape: [...inputShape] };
    return tf.engine().runKernel(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, attributes);
  }
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.shape;
  const own = tf.reshape(filter, [height * width, channels, 1, multiplier]);
  const pairs = tf.mul(own, ownChannel(tf, channels));
  const full = tf.reshape(pairs, [height, width, channels, channels * multiplier]);
  return imageGradient(tf, dy, full, inputShape, window);
}

/** 1 where input and output channel are the same: [1, c, c, 1] */
function ownChannel(tf: TensorFlow, channels: number): tf.Tensor {
  return tf.reshape(tf.eye(channels), [1, channels, channels, 1]);
}

function attributesOf({ stride, padding }: ConvolutionWindow): {
  strides: number[];
  pad: string;
  dilations: number[];
} {
  return { strides: [stride, stride], pad: padding, dilations: [1, 1] };
}
