import { LockstepError, type ModelSpec } from '@lockstep/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkLoss } from '../losses/check-loss.js';
import { customLoss } from '../losses/custom-loss.js';
import type { LossFunction, LossPlace, Targets } from '../losses/loss.js';
import { losses } from '../losses/registry.js';
import { customMetric } from '../metrics/custom-metric.js';
import type { Metric } from '../metrics/metric.js';
import { metrics as registered } from '../metrics/registry.js';
import type { TensorFlow } from '../tensorflow.js';
import {
  customLossIn,
  customMetricsIn,
  isOverShard,
  type CustomMetrics,
  type ObjectiveDefinition,
} from './definition.js';

/** The loss and the metrics of a run, ready to compute. */
export interface Objective {
  readonly loss: LossFunction;
  /** The sums of each metric, one after another, as in `ShardTotals`; call it inside `tf.tidy`. */
  metricSums(outputs: Tensor, targets: Targets): readonly number[];
}

/**
 * @param spec of the run, from `chooseObjective`
 * @param definition holds the functions of a custom loss and of custom metrics
 * @throws LockstepError `model-invalid` where a custom loss cannot be used
 */
export function makeObjective(
  tf: TensorFlow,
  spec: Pick<ModelSpec, 'loss' | 'metrics'>,
  definition: ObjectiveDefinition,
  place: LossPlace,
): Objective {
  const own = customMetricsIn(definition);
  const all = spec.metrics.map((name) => metricNamed(name, own));
  return {
    loss: spec.loss.kind === 'custom' ? ownLoss(tf, definition, place) : registeredLoss(tf, spec),
    metricSums: (outputs, targets) => all.flatMap((each) => each.sums(tf, outputs, targets)),
  };
}

function registeredLoss(tf: TensorFlow, { loss }: Pick<ModelSpec, 'loss'>): LossFunction {
  const { entry, settings } = losses.read(loss);
  return entry.make(tf, settings);
}

function ownLoss(tf: TensorFlow, definition: ObjectiveDefinition, place: LossPlace): LossFunction {
  const custom = customLossIn(definition);
  if (!custom) throw missing('loss', 'the run has one');
  const loss = customLoss(tf, custom);
  checkLoss(tf, loss, place, isOverShard(custom));
  return loss;
}

function metricNamed(name: string, own: CustomMetrics): Metric {
  const found = registered.find((metric) => metric.name === name);
  if (found) return found;
  const metric = own[name];
  if (metric) return customMetric(name, metric);
  throw missing('metric', `the run has one with the name ${name}`);
}

function missing(what: string, run: string): LockstepError {
  return new LockstepError(
    'model-invalid',
    `the model file defines no ${what} of its own, and ${run}`,
    {
      remedy: 'use the model file that the run was begun with',
    },
  );
}
