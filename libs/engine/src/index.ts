export * from './compute-step.js';
export * from './engine.js';
export * from './engine-protocol.js';
export * from './fingerprint-fields.js';
export type { GivenWeight, GivenWeights, InitialWeights } from './initial-weights.js';
