import { z } from 'zod';
import { averagePool, averagePoolGradient } from '../kernels/average-pool.js';
import type { PoolWindow } from '../kernels/padding.js';
import {
  layerName,
  paddingMode,
  wholeNumber,
  windowOutput,
  type Layer,
  type LayerKind,
  type LayerPlace,
} from './layer.js';
import { withoutParameters, type Operation } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';

const schema = z.strictObject({
  kind: z.literal('avgPool2d'),
  name: layerName,
  size: wholeNumber.describe('height and width of a window'),
  stride: wholeNumber.optional().describe('pixels between windows; by default the size'),
  padding: paddingMode.default('same'),
});

type Options = z.input<typeof schema>;

/**
 * The mean of each window: [h, w, c] → [h', w', c]. Padding `same` unless said otherwise; padded places do not
 * count in the mean.
 */
export function avgPool2d(size: number, options: Omit<Options, 'kind' | 'size'> = {}): Options {
  return { kind: 'avgPool2d', size, ...options };
}

/** The kind `avgPool2d` in the registry. */
export const avgPool2dLayer: LayerKind<typeof schema> = {
  name: 'avgPool2d',
  prefix: 'avgpool',
  schema,
  make,
};

function make(tf: TensorFlow, layer: z.output<typeof schema>, place: LayerPlace): Layer {
  const { size, padding } = layer;
  const window = { size, stride: layer.stride ?? size, padding };
  const { height, width, channels } = windowOutput(place, window, 'window');
  return {
    name: place.name,
    kind: 'avgPool2d',
    outputShape: [height, width, channels],
    window,
    parameters: [],
    operations: [{ operation: averageOperation(tf, window), parameters: [] }],
    keras: {
      className: 'AveragePooling2D',
      config: {
        pool_size: [size, size],
        strides: [window.stride, window.stride],
        padding,
        data_format: 'channels_last',
      },
    },
  };
}

const averageOperation = (tf: TensorFlow, window: PoolWindow): Operation =>
  withoutParameters((x) => ({
    output: averagePool(tf, x, window),
    gradient: (dy) => averagePoolGradient(tf, dy, x, window),
  }));
