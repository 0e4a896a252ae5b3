/** Every augmentation, one line each. */
export { crop } from './crop.js';
export { flip } from './flip.js';
export { rotate } from './rotate.js';
export { shift } from './shift.js';
