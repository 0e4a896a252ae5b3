import { z } from 'zod';
import { Inexpressible } from '../graph/inexpressible.js';
import type { GraphTensor } from '../graph/model-graph.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';

export const paddingMode = z.enum(['same', 'valid']);

/** A window that slides over the axes between batch and channels. */
interface Window {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
  readonly padding: z.output<typeof paddingMode>;
}

/**
 * Attributes of an ONNX operator with a window. Padding is given in numbers, since the modes of ONNX leave out
 * dilations.
 *
 * @throws Inexpressible where the padding depends on a size that is known only when the model is used
 */
export function windowAttributes(
  { shape }: GraphTensor,
  { sizes, strides, dilations, padding }: Window,
): Record<string, readonly number[]> {
  const pads = sizes.map((size, i) => {
    const reach = (size - 1) * (dilations?.[i] ?? 1) + 1;
    if (padding === 'valid') return [0, 0];
    return samePads(shape[i + 1], reach, strides[i]);
  });
  return {
    ...{ kernel_shape: sizes, strides },
    ...(dilations && { dilations }),
    pads: [...pads.map(([begin]) => begin), ...pads.map(([, end]) => end)],
  };
}

/** TensorFlow's SAME: as many outputs as strides fit, the odd pixel of padding at the end. */
function samePads(size: number | null, reach: number, stride: number): [number, number] {
  if (size === null && stride !== 1) {
    throw new Inexpressible(
      'its padding depends on the size of the input, which the model leaves open',
    );
  }
  const outputs = size === null ? 0 : Math.ceil(size / stride);
  const total = size === null ? reach - 1 : Math.max((outputs - 1) * stride + reach - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Runs an operator that takes [batch, channels, …] on a value [batch, …, channels]. */
export function withChannelsFirst(
  graph: OnnxGraph,
  rank: number,
  x: string,
  use: (x: string) => string,
): string {
  const between = Array.from({ length: rank - 2 }, (_, i) => i);
  const first = [0, rank - 1, ...between.map((i) => i + 1)];
  const last = [0, ...between.map((i) => i + 2), 1];
  const y = use(graph.add('Transpose', [x], { perm: first }));
  return graph.add('Transpose', [y], { perm: last });
}
