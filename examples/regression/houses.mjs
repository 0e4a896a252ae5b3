// Made-up prices of houses, from four columns: area, rooms, age, distance to the station.
import { defineDataset } from 'lockstep';
import { noise } from '../noise.mjs';

const COLUMNS = 4;
const TRAINING_ROWS = 800;

function rows(from, to) {
  const inputs = new Float32Array((to - from) * COLUMNS);
  const targets = new Float32Array(to - from);
  for (let row = from; row < to; row++) {
    // A table of your own: scale each column, for example by its mean and deviation.
    const columns = Array.from({ length: COLUMNS }, (_, column) => 2 * noise(row, column) - 1);
    const [area, rooms, age, distance] = columns;
    inputs.set(columns, (row - from) * COLUMNS);
    targets[row - from] =
      2 * area + area * rooms - age * age - distance + 0.1 * noise(row, COLUMNS);
  }
  return { inputs, targets };
}

export default defineDataset({
  inputShape: [COLUMNS],
  target: { values: 1 },
  train: { count: TRAINING_ROWS, read: rows },
  test: { count: 200, read: (from, to) => rows(TRAINING_ROWS + from, TRAINING_ROWS + to) },
});
