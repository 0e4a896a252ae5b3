import { defineModel } from 'lockstep';
import { features } from './bars.mjs';

/** The features of the earlier network, frozen, and a head of another name, which begins anew. */
export default defineModel(({ tf, inputShape, classes }) =>
  tf.sequential({
    layers: [
      ...features(tf, inputShape, false),
      tf.layers.dense({ name: 'answer', units: classes }),
    ],
  }),
);
