import { firstAtLeast, nearest, type Points } from './points.js';

/** A value of a curve with its x. */
export interface Reading {
  readonly x: number;
  readonly y: number;
}

/** The point of a curve nearest to an x; undefined beyond either end of the curve. */
export function readAt({ x, y }: Points, at: number): Reading | undefined {
  if (at < (x[0] ?? Infinity) || at > (x.at(-1) ?? -Infinity)) return undefined;
  return readingOf({ x, y }, nearest(x, at));
}

/** The last point of a curve that is not beyond an x. */
export function readLast({ x, y }: Points, until = Infinity): Reading | undefined {
  const after = firstAtLeast(x, until);
  return readingOf({ x, y }, x[after] === until ? after : after - 1);
}

function readingOf({ x, y }: Points, index: number | undefined): Reading | undefined {
  const [at, value] = [x[index ?? -1], y[index ?? -1]];
  return at === undefined || value === undefined ? undefined : { x: at, y: value };
}

/** A value this many times the usual one, or more, is an outlier. */
const OUT_OF_PROPORTION = 4;
const USUAL = 0.98;

/** The end of the y axis without outliers; undefined if there are none. */
export function proportionateTop(values: Float64Array): number | undefined {
  if (values.length < 10) return undefined;
  const sorted = values.slice().sort();
  const usual = sorted[Math.floor(USUAL * (sorted.length - 1))] ?? 0;
  const highest = sorted.at(-1) ?? 0;
  return usual > 0 && highest > OUT_OF_PROPORTION * usual ? 1.5 * usual : undefined;
}
