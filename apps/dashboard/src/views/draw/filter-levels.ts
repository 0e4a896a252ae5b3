import type { Filters } from '../../api/reply.js';

/** A filter's weights as levels of a range that contains 0. */
interface FilterLevels {
  readonly low: number;
  readonly high: number;
  /** [height · width] */
  readonly levels: Uint8Array;
}

/**
 * A filter as an image, the mean over its channels; undefined if there is no filter of this index.
 */
export function filterLevels(filters: Filters, index: number): FilterLevels | undefined {
  const { height, width, channels, values } = filters;
  const size = height * width;
  const first = index * size * channels;
  if (first + size * channels > values.length || index < 0) return undefined;
  const means = Array.from({ length: size }, (_, at) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[first + at * channels + c];
    return sum / channels;
  });
  const most = Math.max(...means.map(Math.abs)) || 1;
  // The scale is symmetric around 0, which is level 127.5.
  const levels = Uint8Array.from(means, (mean) => Math.round(127.5 + 127.5 * (mean / most)));
  return { low: -most, high: most, levels };
}
