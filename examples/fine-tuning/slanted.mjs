// The same pictures with another question: are the bars slanted? Few of them suffice.
import { defineDataset } from 'lockstep';
import bars from '../residual/data.mjs';

const ask = ({ count, read }, most) => ({
  count: Math.min(count, most),
  read: async (from, to) => {
    const { inputs, targets } = await read(from, to);
    return { inputs, targets: targets.map((direction) => (direction >= 2 ? 1 : 0)) };
  },
});

export default defineDataset({
  inputShape: bars.inputShape,
  target: { classes: 2 },
  train: ask(bars.train, 100),
  test: ask(bars.test, 200),
});
