import { sizeOf } from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Model } from '../networks/model.js';

/** Weights that look at the image itself, as pictures. */
export interface Filters {
  /** The layer's name. */
  readonly layer: string;
  readonly kind: 'conv2d' | 'dense';
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Filters of the layer; there are pictures of the first ones. */
  readonly filterCount: number;
  /** [pictures, height, width, channels], row-major */
  readonly values: Float32Array;
}

/**
 * The first layer that has weights, where it is given the image: a convolution's filters, or the
 * weights of a dense layer's units, each of the image's shape. None where samples are not pictures.
 *
 * @param most no more pictures than this
 */
export function firstFilters(
  model: Model,
  weights: readonly tf.Tensor[],
  most: number,
): Filters | undefined {
  const layer = model.layers.find(({ parameters }) => parameters.length > 0);
  const [kernel] = weights;
  if (layer === undefined || kernel === undefined) return undefined;
  const before = model.layers.slice(0, model.layers.indexOf(layer));
  const { kind } = layer;
  if (kind !== 'conv2d' && kind !== 'dense') return undefined;
  // A layer before it that moves or joins pixels makes its weights no picture of the image.
  if (model.inputShape.length !== 3) return undefined;
  const pixels = sizeOf(model.inputShape);
  if (before.some((each) => each.window ?? sizeOf(each.outputShape) !== pixels)) return undefined;
  const [height = 0, width = 0, channels = 0] = kind === 'conv2d' ? kernel.shape : model.inputShape;
  return filterPictures({ layer: layer.name, kind, kernel, size: [height, width, channels] }, most);
}

/** The weights of a layer that is given the image, as pictures of a size. */
export function filterPictures(
  {
    layer,
    kind,
    kernel,
    size: [height, width, channels],
  }: Pick<Filters, 'layer' | 'kind'> & {
    readonly kernel: tf.Tensor;
    readonly size: readonly [number, number, number];
  },
  most: number,
): Filters {
  const filterCount = kernel.shape.at(-1) ?? 0;
  const pictures = Math.min(filterCount, most);
  const values = tf.tidy(() => {
    const columns = tf.reshape(kernel, [height * width * channels, filterCount]);
    return tf
      .transpose(tf.slice2d(columns as tf.Tensor2D, [0, 0], [-1, pictures]))
      .dataSync<'float32'>();
  });
  return { layer, kind, height, width, channels, filterCount, values };
}
