export type { LossChoice } from './choose-objective.js';
export { losses } from '../losses/registry.js';
export { finishMetrics, metrics, metricWidth } from '../metrics/registry.js';
