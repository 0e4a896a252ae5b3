/**
 * An exponential moving average, corrected for its beginning, so that the first values are not drawn
 * towards zero (as in Adam, arXiv:1412.6980 §3). What is no number is passed over.
 *
 * @param weight of the past, 0 (nothing is smoothed) to below 1
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
