/** What needs no TensorFlow: for those who only move gradients. */
export * from './reduce-dense.js';
export * from './reduce-in-order.js';
