// Grey pictures of noisy bars in four directions.
import { defineDataset } from 'lockstep';
import { noise } from '../noise.mjs';

const SIDE = 12;
/** How far a pattern moves on per row and per column, for each class. */
const DOWN = [1, 0, 1, 1];
const RIGHT = [0, 1, 1, -1];
const PERIOD = 6;
const TRAINING_PICTURES = 800;

function pictures(from, to) {
  const size = SIDE * SIDE;
  const inputs = new Uint8Array((to - from) * size); // pixels, 0 to 255
  const targets = new Uint8Array(to - from);
  for (let row = from; row < to; row++) {
    const label = row % DOWN.length;
    const phase = Math.floor(noise(row, 0) * PERIOD) + PERIOD * SIDE;
    targets[row - from] = label;
    for (let at = 0; at < size; at++) {
      const place = Math.floor(at / SIDE) * DOWN[label] + (at % SIDE) * RIGHT[label] + phase;
      const isBright = place % PERIOD < PERIOD / 2;
      inputs[(row - from) * size + at] = 100 * noise(row, 1 + at) + (isBright ? 155 : 0);
    }
  }
  return { inputs, targets };
}

export default defineDataset({
  inputShape: [SIDE, SIDE, 1],
  target: { classes: DOWN.length },
  train: { count: TRAINING_PICTURES, read: pictures },
  test: { count: 200, read: (a, b) => pictures(TRAINING_PICTURES + a, TRAINING_PICTURES + b) },
});
