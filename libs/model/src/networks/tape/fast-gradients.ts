import { reluGradient } from '../../kernels/elementwise.js';
import type { TensorFlow } from '../../tensorflow.js';

/** Makes the tape use one kernel for ReLU's gradient, instead of tfjs' comparison, cast and product. */
export function registerFastGradients(tf: TensorFlow): void {
  tf.registerGradient({
    kernelName: tf.Relu,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => reluGradient(tf, dy as typeof x, x) }),
  });
}
