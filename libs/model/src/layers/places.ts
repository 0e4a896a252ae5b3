import type { Tensor3D, Tensor } from '@tensorflow/tfjs-core';
import { LayerMisfit, type LayerPlace } from './layer.js';
import type { TensorFlow } from '../tensorflow.js';

/** [batch, …places, channels] → [batch, places, channels] */
export function placesOf(tf: TensorFlow, x: Tensor): Tensor3D {
  return tf.reshape(x, [x.shape[0], -1, x.shape[x.rank - 1]]);
}

/**
 * The channels of a global pooling's input.
 *
 * @throws LayerMisfit unless the input is [h, w, channels] or [length, channels]
 */
export function pooledChannels({ inputShape }: LayerPlace): number {
  const channels = inputShape.at(-1);
  if (channels !== undefined && (inputShape.length === 2 || inputShape.length === 3)) {
    return channels;
  }
  throw new LayerMisfit(
    `it needs [height, width, channels] or [length, channels] and is given [${inputShape.join(', ')}]`,
  );
}

/** Keras has a class of global pooling for each rank of the input. */
export function globalPoolClass(pooling: 'Average' | 'Max', { inputShape }: LayerPlace): string {
  return `Global${pooling}Pooling${inputShape.length - 1}D`;
}
