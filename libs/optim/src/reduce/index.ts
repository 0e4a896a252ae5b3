export { reduceDense } from './reduce-dense.js';
export * from './reduce-gradients.js';
