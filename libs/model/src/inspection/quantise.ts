/** Numbers as one byte each. */
export interface Quantised {
  /** What level 0 stands for: the smallest value, or 0 where none is negative. */
  readonly low: number;
  /** What level 255 stands for: the largest value, or 0 where none is positive. */
  readonly high: number;
  /** Value i is about low + levels[i] / 255 · (high − low). */
  readonly levels: Uint8Array;
}

/**
 * Rounds values to 256 even levels of a range that holds all of them and 0: off by half a level,
 * (high − low) / 510, at most. What is no finite number becomes the level of 0.
 */
export function quantise(values: ArrayLike<number>): Quantised {
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < low && value !== -Infinity) low = value;
    if (value > high && value !== Infinity) high = value;
  }
  const levels = new Uint8Array(values.length);
  const scale = high > low ? 255 / (high - low) : 0;
  const zero = Math.round(-low * scale);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    levels[i] = Number.isFinite(value) ? Math.round((value - low) * scale) : zero;
  }
  return { low, high, levels };
}
