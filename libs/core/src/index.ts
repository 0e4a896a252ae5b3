export * from './contribution.js';
export * from './counter-random.js';
export * from './errors.js';
export * from './gradient.js';
export * from './run-spec.js';
export * from './shard.js';
