export * from './apply-update.js';
export * from './optimizers/optimizer.js';
export * from './optimizers/registry.js';
export * from './reduce/index.js';
export * from './training-state.js';
