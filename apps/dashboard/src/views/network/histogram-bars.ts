import type { Histogram } from '../../api/reply.js';

/** A bin as a bar, in fractions of the chart's width and height, from the lower left corner. */
interface HistogramBar {
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Bars for the non-empty bins. Heights are proportional to the square root of the count, so that a
 * spike at one value does not hide all others.
 */
export function histogramBars({ counts }: Pick<Histogram, 'counts'>): HistogramBar[] {
  const most = Math.max(1, ...counts);
  const width = 1 / counts.length;
  return counts.flatMap((count, bin) =>
    count === 0 ? [] : [{ x: bin * width, width, height: Math.sqrt(count / most) }],
  );
}

/** The position of a value in the chart, from 0 to 1; undefined if it is outside. */
export function placeOf(
  { low, high }: Pick<Histogram, 'low' | 'high'>,
  value: number,
): number | undefined {
  if (value < low || value > high) return undefined;
  return high > low ? (value - low) / (high - low) : 0.5;
}

/** The bin at a position from 0 to 1, with its edges. */
export function binAt(
  { low, high, counts }: Histogram,
  place: number,
): { readonly from: number; readonly to: number; readonly count: number } {
  const bin = Math.min(counts.length - 1, Math.max(0, Math.floor(place * counts.length)));
  const width = (high - low) / counts.length;
  return { from: low + bin * width, to: low + (bin + 1) * width, count: counts[bin] ?? 0 };
}
