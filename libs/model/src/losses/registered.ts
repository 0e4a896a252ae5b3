/** Every loss, one line each. */
export { crossEntropy } from './cross-entropy.js';
