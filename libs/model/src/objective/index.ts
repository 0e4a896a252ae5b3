export type { LossChoice } from './choose-objective.js';
export { losses, type LossSettings } from '../losses/registry.js';
export type { MetricFormat } from '../metrics/metric.js';
export { betterOf, finishMetrics, formatOf, metrics, metricWidth } from '../metrics/registry.js';
export { measureOf, type Measure } from './measure.js';
