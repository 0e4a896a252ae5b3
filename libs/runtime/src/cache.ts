/** The entry for what keeps files in the user's cache, without Redis and TensorFlow. */
export * from './npm-package.js';
