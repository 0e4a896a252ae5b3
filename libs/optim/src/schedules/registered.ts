/** Every learning rate schedule, one line each. */
export { constant } from './constant.js';
export { cosine } from './cosine.js';
export { cosineRestarts } from './cosine-restarts.js';
export { linear } from './linear.js';
export { step } from './step.js';
