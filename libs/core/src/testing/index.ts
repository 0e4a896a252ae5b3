export { createRandomSource, type RandomSource } from './random-source.js';
export { smallSpec } from './small-spec.js';
