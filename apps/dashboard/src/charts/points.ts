/** A curve: x is non-decreasing, and every y is finite. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** A curve of a chart. */
export interface Curve {
  readonly name: string;
  /** A custom property, such as `--series-1`. */
  readonly color: string;
  readonly points: Points;
  /** The unsmoothed values, drawn faintly behind it. */
  readonly raw?: Points;
  readonly dashed?: boolean;
  /** Whether each value is marked by a dot. */
  readonly dots?: boolean;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The points with a finite y; some figures are not measured at every step. */
export function numbersOf(x: Float64Array, y: Float64Array): Points {
  let count = 0;
  const keptX = new Float64Array(y.length);
  const keptY = new Float64Array(y.length);
  for (let index = 0; index < y.length; index++) {
    const value = y[index] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    keptX[count] = x[index] ?? Number.NaN;
    keptY[count] = value;
    count += 1;
  }
  return { x: keptX.subarray(0, count), y: keptY.subarray(0, count) };
}

/**
 * The part of a curve between two x, with one more point at either end, so that the line extends to
 * the edge.
 */
export function between({ x, y }: Points, from: number, to: number): Points {
  const first = Math.max(0, firstAtLeast(x, from) - 1);
  const end = Math.min(x.length, firstAtLeast(x, to) + 1);
  return { x: x.subarray(first, end), y: y.subarray(first, end) };
}

/** Index of the first x that is not below a value; the length if there is none. */
export function firstAtLeast(x: Float64Array, value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the point nearest to an x; undefined for an empty curve. */
export function nearest(x: Float64Array, value: number): number | undefined {
  if (x.length === 0) return undefined;
  const right = Math.min(firstAtLeast(x, value), x.length - 1);
  const left = Math.max(0, right - 1);
  const nearLeft = value - (x[left] ?? 0) < (x[right] ?? 0) - value;
  return nearLeft ? left : right;
}

/**
 * Reduces a curve without changing its appearance: keeps the first, lowest, highest and last point
 * of each of `parts` equal parts (M4: Jugel et al., VLDB 2014).
 *
 * @param parts about the width of the curve in pixels
 */
export function thin(points: Points, parts: number): Points {
  const { x, y } = points;
  if (x.length <= 4 * parts) return points;
  const keptX: number[] = [];
  const keptY: number[] = [];
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * x.length) / parts);
    const to = Math.floor(((part + 1) * x.length) / parts);
    for (const index of corners(y, from, to)) {
      keptX.push(x[index] ?? 0);
      keptY.push(y[index] ?? 0);
    }
  }
  return { x: Float64Array.from(keptX), y: Float64Array.from(keptY) };
}

function corners(y: Float64Array, from: number, to: number): number[] {
  let low = from;
  let high = from;
  for (let index = from; index < to; index++) {
    if ((y[index] ?? 0) < (y[low] ?? 0)) low = index;
    if ((y[index] ?? 0) > (y[high] ?? 0)) high = index;
  }
  return [...new Set([from, low, high, to - 1])].sort((a, b) => a - b);
}

/**
 * An exponential moving average with bias correction, so that the first values are not drawn
 * towards zero (as in Adam, arXiv:1412.6980 §3). NaN values are skipped.
 *
 * @param weight of the past, from 0 (no smoothing) to below 1
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return values;
  const smoothed = new Float64Array(values.length);
  let mean = 0;
  let correction = 1;
  values.forEach((value, index) => {
    if (Number.isFinite(value)) {
      mean = weight * mean + (1 - weight) * value;
      correction *= weight;
      smoothed[index] = mean / (1 - correction);
    } else {
      smoothed[index] = Number.NaN;
    }
  });
  return smoothed;
}
