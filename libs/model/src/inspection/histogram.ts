/** How values spread: equal bins from the smallest to the largest. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  /** Values in each bin; the last one includes `high`. */
  readonly counts: readonly number[];
  readonly mean: number;
  /** Standard deviation, of the values themselves. */
  readonly deviation: number;
}

/** @param values at least one; those that are not finite are left out */
export function histogramOf(values: Float32Array, binCount: number): Histogram {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    squares += value * value;
    count += 1;
  }
  const counts = new Array<number>(binCount).fill(0);
  if (count === 0) return { low: 0, high: 0, counts, mean: 0, deviation: 0 };
  const scale = high > low ? binCount / (high - low) : 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    counts[Math.min(binCount - 1, Math.floor((value - low) * scale))] += 1;
  }
  const mean = sum / count;
  return {
    low,
    high,
    counts,
    mean,
    deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)),
  };
}
