/** Every optimizer, one line each. */
export { sgd } from './sgd.js';
