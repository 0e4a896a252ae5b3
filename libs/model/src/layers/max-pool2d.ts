import { z } from 'zod';
import { maxPool, maxPoolForGradient } from '../kernels/max-pool.js';
import type { PoolWindow } from '../kernels/padding.js';
import {
  type Layer,
  type LayerKind,
  type LayerPlace,
  layerName,
  paddingMode,
  wholeNumber,
  windowOutput,
} from './layer.js';
import type { Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('maxPool2d'),
  name: layerName,
  size: wholeNumber.describe('height and width of a window'),
  stride: wholeNumber.optional().describe('pixels between windows; by default the size'),
  padding: paddingMode.default('same'),
});

type Options = z.input<typeof schema>;

/** The largest value of each window: [h, w, c] → [h', w', c]. Padding `same` unless said otherwise. */
export function maxPool2d(size: number, options: Omit<Options, 'kind' | 'size'> = {}): Options {
  return { kind: 'maxPool2d', size, ...options };
}

/** The kind `maxPool2d` in the registry. */
export const maxPool2dLayer: LayerKind<typeof schema> = {
  name: 'maxPool2d',
  prefix: 'pool',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { size, padding } = layer;
  const stride = layer.stride ?? size;
  const window = { size, stride, padding };
  const { height, width, channels } = windowOutput(place, window, 'window');
  return {
    name: place.name,
    kind: 'maxPool2d',
    outputShape: [height, width, channels],
    window,
    parameters: [],
    operations: [{ operation: poolOperation(tf, window), parameters: [] }],
    keras: {
      className: 'MaxPooling2D',
      config: {
        pool_size: [size, size],
        strides: [stride, stride],
        padding,
        data_format: 'channels_last',
      },
    },
  };
}

function poolOperation(tf: TensorFlow, window: PoolWindow): Operation {
  return {
    monotone: false,
    pooling: window,
    forward(x, _weights, pass) {
      if (pass.kind === 'inference') {
        return { output: maxPool(tf, x, window), backward: () => ({ parameters: [] }) };
      }
      const { output, gradient } = maxPoolForGradient(tf, x, window);
      return {
        output,
        backward: (dy, wantInput) => ({
          ...(wantInput && { input: gradient(dy) }),
          parameters: [],
        }),
      };
    },
  };
}
