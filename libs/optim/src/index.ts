export * from './apply-update.js';
export * from './moving-average.js';
export * from './optimizer-spec.js';
export * from './optimizers/optimizer.js';
export * from './optimizers/registry.js';
export * from './reduce/index.js';
export * from './schedules/registry.js';
export type { Schedule } from './schedules/schedule.js';
export * from './training-state.js';
