/** Every loss, one line each. */
export { crossEntropy } from './cross-entropy.js';
export { huber } from './huber.js';
export { meanAbsolute } from './mean-absolute.js';
export { meanSquared } from './mean-squared.js';
export { sigmoidCrossEntropy } from './sigmoid-cross-entropy.js';
