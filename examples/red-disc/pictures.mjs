// Colour pictures: does this picture contain a red disc? The others contain one of another colour.
import { defineDataset } from 'lockstep';
import { noise } from '../noise.mjs';

const SIDE = 16;
const RED = [220, 40, 40];
const OTHERS = [
  [40, 200, 60],
  [50, 70, 220],
  [210, 200, 50],
];
const TRAINING_PICTURES = 800;

function draw(row, isRed, pixels) {
  const choose = (column, from, to) => from + Math.floor(noise(row, column) * (to - from));
  const colour = isRed ? RED : OTHERS[choose(0, 0, OTHERS.length)];
  const [centreX, centreY, radius] = [choose(1, 5, 11), choose(2, 5, 11), choose(3, 3, 6)];
  for (let at = 0; at < SIDE * SIDE; at++) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    const isInside =
      (x - centreX) * (x - centreX) + (y - centreY) * (y - centreY) < radius * radius;
    for (let channel = 0; channel < 3; channel++) {
      const grain = 100 * noise(row, 10 + 3 * at + channel);
      pixels[3 * at + channel] = isInside ? colour[channel] - 0.4 * grain : 60 + grain;
    }
  }
}

function pictures(from, to) {
  const size = SIDE * SIDE * 3;
  const inputs = new Uint8ClampedArray((to - from) * size); // pixels, 0 to 255
  const targets = Uint8Array.from({ length: to - from }, (_, i) => (from + i) % 2);
  targets.forEach((isRed, i) => draw(from + i, isRed, inputs.subarray(i * size, (i + 1) * size)));
  return { inputs, targets };
}

export default defineDataset({
  inputShape: [SIDE, SIDE, 3],
  target: { classes: 2 },
  train: { count: TRAINING_PICTURES, read: pictures },
  test: { count: 200, read: (a, b) => pictures(TRAINING_PICTURES + a, TRAINING_PICTURES + b) },
});
