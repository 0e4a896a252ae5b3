import { addBias, biasGradient } from '../kernels/elementwise.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

/** Adds one value per channel; the second half of a convolution or a dense layer. */
export const biasOperation = (tf: TensorFlow): Operation => ({
  monotone: true,
  forward(x, [bias]) {
    return {
      output: addBias(tf, x, bias),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: dy }),
        parameters: [{ kind: 'dense', values: biasGradient(tf, dy) }],
      }),
    };
  },
});
