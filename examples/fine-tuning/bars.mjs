// A network for the noisy bars of ../residual, whose layers have names: others can begin with its weights.
import { defineModel } from 'lockstep';

/** The layers before the head. */
export function features({ layers }, inputShape, trainable) {
  const name = (own) => ({ name: own, trainable });
  return [
    layers.conv2d({ ...name('edges'), inputShape, filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.batchNormalization(name('scale')),
    layers.conv2d({ ...name('shapes'), filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.globalAveragePooling2d({ name: 'mean' }), // [16]
  ];
}

export default defineModel(({ tf, inputShape, classes }) =>
  tf.sequential({
    layers: [...features(tf, inputShape, true), tf.layers.dense({ name: 'head', units: classes })],
  }),
);
