/** Every metric, one line each. */
export { accuracy } from './accuracy.js';
export { auc } from './auc.js';
export { mae } from './mae.js';
export { r2 } from './r2.js';
export { rmse } from './rmse.js';
export { top5 } from './top5.js';
