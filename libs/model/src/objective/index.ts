export type { LossChoice } from './choose-objective.js';
export { losses, type LossSettings } from '../losses/registry.js';
export { betterOf, finishMetrics, metrics, metricWidth } from '../metrics/registry.js';
