/** Every optimizer, one line each. */
export { adagrad } from './adagrad.js';
export { adam } from './adam.js';
export { adamw } from './adamw.js';
export { nesterov } from './nesterov.js';
export { rmsprop } from './rmsprop.js';
export { sgd } from './sgd.js';
