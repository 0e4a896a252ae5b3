import { defineModel, dense, embedding, flatten, relu } from 'lockstep';
import { VOCABULARY } from './reviews.mjs';

/** A vector for each word, learned; the order of the words counts, because "not" has a place. */
export default defineModel({
  name: 'reviews',
  layers: [
    embedding({ vocabulary: VOCABULARY, units: 8 }), // [5] → [5, 8]
    flatten(), // [40]
    dense({ units: 16 }),
    relu(),
    dense({ units: 'classes' }), // [2]
  ],
});
