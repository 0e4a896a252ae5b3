import { needsClasses, type Metric } from './metric.js';

const MOST = 5;

/** The share of samples whose label is among the five most likely classes; of equal ones the first. */
export const top5: Metric = {
  name: 'top5',
  description: 'share of samples whose label is among the five most likely classes',
  better: 'higher',
  format: 'percent',
  misfit: (place) => {
    const misfit = needsClasses(place);
    if (misfit !== undefined || place.outputs > MOST) return misfit;
    return `needs more than ${MOST} outputs, and the network has ${place.outputs}`;
  },
  width: () => 1,
  sums: (_tf, outputs, labels) => {
    const classCount = outputs.shape[1]!;
    const values = outputs.dataSync<'float32'>();
    let found = 0;
    for (let sample = 0; sample < labels.length; sample++) {
      const row = values.subarray(sample * classCount, (sample + 1) * classCount);
      if (rankOf(labels[sample], row) < MOST) found += 1;
    }
    return [found];
  },
  finish: ([found = 0], count) => found / count,
};

/** Number of classes before this one, by descending output. */
function rankOf(label: number, outputs: Float32Array): number {
  const own = outputs[label];
  if (Number.isNaN(own)) return Infinity;
  return outputs.reduce(
    (rank, output, i) => rank + (output > own || (output === own && i < label) ? 1 : 0),
    0,
  );
}
