/** Every optimizer, one line each. */
export { nesterov } from './nesterov.js';
export { sgd } from './sgd.js';
