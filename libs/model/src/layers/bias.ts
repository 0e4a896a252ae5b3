import { addBias, biasGradient } from '../kernels/bias.js';
import type { Operation } from '../operation.js';

/** Adds one value per channel; the second half of a convolution or a dense layer. */
export const biasOperation: Operation = {
  monotone: true,
  forward(x, [bias]) {
    return {
      output: addBias(x, bias),
      backward: (dy, wantInput) => ({
        ...(wantInput && { input: dy }),
        parameters: [{ kind: 'dense', values: biasGradient(dy) }],
      }),
    };
  },
};
