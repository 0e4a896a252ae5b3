export * from './apply-update.js';
export * from './reduce.js';
export * from './training-state.js';
