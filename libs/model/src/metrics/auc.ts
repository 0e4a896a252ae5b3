import type { Tensor } from '@tensorflow/tfjs-core';
import { needsClasses, type Metric } from './metric.js';

/** Logits outside of ±16 are in the first or the last bin: probabilities within 1.2e-7 of 0 or 1. */
const RANGE = 16;
const BINS_PER_UNIT = 8;
const BINS = 2 * RANGE * BINS_PER_UNIT;

/**
 * The area under the ROC curve of two classes: the probability that a sample of class 1 has a higher
 * score than one of class 0, where equal scores count half (Fawcett, An introduction to ROC analysis,
 * 2006). The scores are logits in a histogram of 256 bins of width 1/8, so that shards can be summed;
 * scores in one bin count as equal. 0.5 where a class has no sample.
 */
export const auc: Metric = {
  name: 'auc',
  description: 'area under the ROC curve of two classes, from scores in bins of 1/8 logit',
  better: 'higher',
  format: 'number',
  misfit: (place) => {
    const misfit = needsClasses(place);
    if (misfit !== undefined || !('classes' in place.target)) return misfit;
    const { classes } = place.target;
    return classes === 2 ? undefined : `needs two classes, and the data has ${classes}`;
  },
  width: () => 2 * BINS,
  sums: (_tf, outputs, labels) => {
    const counts = new Array<number>(2 * BINS).fill(0); // of class 0, then of class 1
    logitsIn(outputs).forEach((logit, i) => (counts[labels[i] * BINS + binOf(logit)] += 1));
    return counts;
  },
  finish: (counts) => {
    let below = 0; // samples of class 0 in lower bins
    let ordered = 0;
    for (let bin = 0; bin < BINS; bin++) {
      ordered += counts[BINS + bin] * (below + counts[bin] / 2);
      below += counts[bin];
    }
    const pairs = below * counts.slice(BINS).reduce((sum, count) => sum + count, 0);
    return pairs === 0 ? 0.5 : ordered / pairs;
  },
};

/** The logit of class 1, from one output or from the difference of two. */
function logitsIn(outputs: Tensor): Float32Array {
  const values = outputs.dataSync<'float32'>();
  if (outputs.shape[1] === 1) return values;
  return Float32Array.from(
    { length: outputs.shape[0] },
    (_, i) => values[2 * i + 1] - values[2 * i],
  );
}

function binOf(logit: number): number {
  const bin = Math.floor((logit + RANGE) * BINS_PER_UNIT);
  return bin >= 0 ? Math.min(bin, BINS - 1) : 0; // NaN is in the first
}
