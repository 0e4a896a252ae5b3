import { defineModel } from 'lockstep';

/** A residual network with batch normalisation (He et al., 2016), as a tf.LayersModel. */
export default defineModel(({ tf, inputShape, classes }) => {
  const { layers } = tf;
  const convolve = (x, filters) =>
    layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false }).apply(x);
  // 0.9: the running statistics, which predictions use, follow within some tens of steps.
  const normalise = (x) => layers.batchNormalization({ momentum: 0.9 }).apply(x);
  const relu = (x) => layers.activation({ activation: 'relu' }).apply(x);

  function block(x, filters) {
    const inner = relu(normalise(convolve(x, filters)));
    return relu(layers.add().apply([x, normalise(convolve(inner, filters))]));
  }

  const input = tf.input({ shape: inputShape }); // [12, 12, 1]
  let x = relu(normalise(convolve(input, 8)));
  x = block(x, 8);
  x = layers.maxPooling2d({ poolSize: 2 }).apply(x); // [6, 6, 8]
  x = block(x, 8);
  x = layers.globalAveragePooling2d({}).apply(x); // [8]
  const output = layers.dense({ units: classes }).apply(x); // one logit per class
  return tf.model({ inputs: input, outputs: output });
});
