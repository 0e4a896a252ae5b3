import { defineModel, dense, relu } from 'lockstep';

/** Two hidden layers; for targets that are values, the loss is the mean squared error. */
export default defineModel({
  name: 'prices',
  layers: [
    dense({ units: 32 }), // [4] → [32]
    relu(),
    dense({ units: 16 }),
    relu(),
    dense({ units: 1 }), // the price
  ],
  metrics: ['mae', 'rmse', 'r2'],
});
