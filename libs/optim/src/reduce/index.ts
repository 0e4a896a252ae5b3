export { reduceDense } from './reduce-dense.js';
export * from './reduce-sections.js';
