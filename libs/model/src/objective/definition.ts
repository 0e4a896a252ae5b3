import { z } from 'zod';
import type { CustomLoss, SampleFunction, ShardLoss } from '../losses/custom-loss.js';
import type { CustomMetric } from '../metrics/custom-metric.js';

/** A registered loss by name, or with its settings. */
export type NamedLoss = string | { readonly kind: string; readonly [setting: string]: unknown };
export type CustomMetrics = Readonly<Record<string, CustomMetric>>;

/** What a model file may say of its training: the loss and the metrics, each with a default by target. */
export interface ObjectiveDefinition {
  /** A registered loss, or a function of its own: of each sample, or `{ shard }` of all together. */
  readonly loss?: NamedLoss | CustomLoss;
  /**
   * Registered metrics by name in place of the default ones, and metrics of its own by name: a function,
   * or `{ value, better: 'lower' }`. An object alone adds to the default ones. The first metric decides which
   * version is the best; with classes that is accuracy.
   */
  readonly metrics?: CustomMetrics | readonly (string | CustomMetrics)[];
}

const sampleFunction = z.custom<SampleFunction>(
  (value) => typeof value === 'function',
  'must be a function (tf, outputs, targets) => values',
);
const customMetrics = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'must be a short name'),
  z.union(
    [
      sampleFunction,
      z.strictObject({ value: sampleFunction, better: z.enum(['higher', 'lower']) }),
    ],
    "must be a function (tf, outputs, targets) => values, or { value: function, better: 'higher' or 'lower' }",
  ),
);

/** The fields of a definition that declare loss and metrics. */
export const objectiveFields = {
  loss: z
    .union([
      z.string(),
      z.object({ kind: z.string() }).catchall(z.unknown()),
      sampleFunction,
      z.strictObject({ shard: sampleFunction }),
    ])
    .exactOptional(),
  metrics: z.union([customMetrics, z.array(z.union([z.string(), customMetrics]))]).exactOptional(),
};

/** The definition's own loss, where it is no registered one. */
export function customLossIn({ loss }: ObjectiveDefinition): CustomLoss | undefined {
  if (typeof loss === 'function') return loss;
  return typeof loss === 'object' && isOverShard(loss) ? loss : undefined;
}

/** Whether a loss compares the samples of a shard. */
export function isOverShard(loss: NamedLoss | CustomLoss): loss is ShardLoss {
  return typeof loss === 'object' && typeof loss['shard'] === 'function';
}

/** The definition's own metrics. */
export function customMetricsIn({ metrics = [] }: ObjectiveDefinition): CustomMetrics {
  const listed = isList(metrics) ? metrics : [metrics];
  return Object.assign({}, ...listed.filter((each) => typeof each === 'object')) as CustomMetrics;
}

/** The names of the definition's metrics in its order; undefined where it only adds to the default ones. */
export function metricNamesIn({ metrics }: ObjectiveDefinition): readonly string[] | undefined {
  if (metrics === undefined || !isList(metrics)) return undefined;
  return metrics.flatMap((each) => (typeof each === 'string' ? [each] : Object.keys(each)));
}

function isList(
  metrics: NonNullable<ObjectiveDefinition['metrics']>,
): metrics is readonly (string | CustomMetrics)[] {
  return Array.isArray(metrics);
}

/** A definition as plain data, for a hash of it: a function in it, such as a loss, is its text. */
export function withTexts(value: unknown): unknown {
  if (typeof value === 'function') return String(value);
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTexts(each)]));
}
