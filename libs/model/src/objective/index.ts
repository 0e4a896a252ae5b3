export type { LossChoice } from './choose-objective.js';
export { bySetting, losses, type LossSettings } from '../losses/registry.js';
export { finishMetrics, metrics, metricWidth } from '../metrics/registry.js';
