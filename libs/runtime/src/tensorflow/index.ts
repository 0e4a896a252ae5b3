/** What a compute thread needs, by itself: it should not wait for the Redis client to load. */
export * from './load-tensorflow.js';
export * from './tensorflow-environment.js';
