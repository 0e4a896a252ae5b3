/** As TensorFlow names it: `same` pads with zeros so that output = ⌈input / stride⌉. */
export type Padding = 'same' | 'valid';

/** A window that slides over an image: a convolution's filter or a pooling's. */
export interface SlidingWindow {
  /** Height and width. */
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

/** The window of a pooling. */
export type PoolWindow = SlidingWindow;

/** How a convolution's filter slides; its size is that of the filter. */
export type ConvolutionWindow = Pick<SlidingWindow, 'stride' | 'padding'>;

/** One axis of a convolution or a pooling. */
export interface AxisGeometry {
  readonly output: number;
  /** Zeros put before the input. */
  readonly before: number;
}

/** The output size and leading zeros of one axis; `output` is below 1 when the window doesn't fit. */
export function axisGeometry(
  input: number,
  window: number,
  stride: number,
  padding: Padding,
): AxisGeometry {
  if (padding === 'valid') return { output: Math.floor((input - window) / stride) + 1, before: 0 };
  const output = Math.ceil(input / stride);
  const total = Math.max((output - 1) * stride + window - input, 0);
  return { output, before: Math.floor(total / 2) };
}
