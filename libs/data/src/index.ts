export * from './data-set.js';
export * from './data-traits.js';
export * from './describe-content.js';
export * from './epoch-permutation.js';
export * from './gather-batch.js';
export * from './load-data-set.js';
export * from './plan-evaluation.js';
export * from './plan-step.js';
