/** The entry for compute threads, separate so that they do not load the Redis client. */
export { loadLayers } from './load-core.js';
export * from './load-tensorflow.js';
export * from './tensorflow-environment.js';
