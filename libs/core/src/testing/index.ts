export { createDice, type Dice } from './dice.js';
export { smallSpec } from './small-spec.js';
