export * from './data-set.js';
export * from './module/define-dataset.js';
export * from './readers/describe-content.js';
export * from './pictures/index.js';
export * from './plan/plan-step.js';
export * from './gather-batch.js';
export * from './load-data-set.js';
export { mnistFolder } from './mnist-folder.js';
export { valuesHash } from './values-hash.js';
