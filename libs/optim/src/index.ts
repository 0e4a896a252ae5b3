export * from './apply-update.js';
export * from './reduce-in-order.js';
export * from './training-state.js';
