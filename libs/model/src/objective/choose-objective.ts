import { LockstepError, type LossSpec, type ModelSpec } from '@lockstep/core';
import type { LossPlace } from '../losses/loss.js';
import { losses } from '../losses/registry.js';
import { customBetter } from '../metrics/custom-metric.js';
import { metrics as registered } from '../metrics/registry.js';
import {
  customLossIn,
  customMetricsIn,
  isOverShard,
  metricNamesIn,
  type ObjectiveDefinition,
} from './definition.js';

/** The loss that the options of a run ask for; it goes before that of the model. */
export interface LossChoice {
  readonly loss?: string | undefined;
  /** Its settings, by key. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** A run's loss and metrics, as its spec has them. */
export type ObjectiveSpec = Pick<ModelSpec, 'loss' | 'metrics' | 'lowerIsBetter'>;

/**
 * The loss and the metrics of a run. Without a choice and a definition: softmax cross-entropy and accuracy
 * for classes, sigmoid cross-entropy where two classes have one output, mean squared error and mean
 * absolute error for values.
 *
 * @throws LockstepError `bad-option` where the choice, and `model-invalid` where the definition does not
 *   fit the outputs and the targets
 */
export function chooseObjective(
  definition: ObjectiveDefinition,
  choice: LossChoice,
  place: LossPlace,
): ObjectiveSpec {
  const own = Object.entries(customMetricsIn(definition));
  const lowerIsBetter = own
    .filter(([, metric]) => customBetter(metric) === 'lower')
    .map(([name]) => name);
  return {
    loss: chooseLoss(definition, choice, place),
    metrics: chooseMetrics(definition, place),
    ...(lowerIsBetter.length === 0 ? {} : { lowerIsBetter }),
  };
}

function chooseLoss(
  definition: ObjectiveDefinition,
  { loss: chosen, given }: LossChoice,
  place: LossPlace,
): LossSpec {
  const { loss: own } = definition;
  const custom = customLossIn(definition);
  if (custom && chosen === undefined) {
    if (Object.keys(given).length > 0) {
      throw new LockstepError('bad-option', 'the model’s own loss has no settings', {
        remedy: 'choose a registered loss with --loss, or omit its settings',
      });
    }
    return { kind: 'custom', ...(isOverShard(custom) ? { shard: true } : {}) };
  }
  const named = typeof own === 'string' ? { kind: own } : own;
  const usual = custom || !isNamed(named) ? { kind: defaultLoss(place) } : named;
  const { kind = usual.kind, ...settings } = chosen === undefined ? usual : {};
  return parsed(chosen ?? kind, { ...settings, ...given }, place, chosen === undefined);
}

function isNamed(loss: unknown): loss is { readonly kind: string } {
  return typeof loss === 'object' && loss !== null && 'kind' in loss;
}

function parsed(
  kind: string,
  given: Readonly<Record<string, unknown>>,
  place: LossPlace,
  isOfModel: boolean,
): LossSpec {
  const { settings, mistakes, has } = losses.parse(kind, given);
  if (mistakes.length > 0) {
    throw new LockstepError('bad-option', mistakes.join('\n'), { remedy: has });
  }
  const spec = { ...settings, kind };
  const misfit = losses.read(spec).entry.misfit(place, settings);
  if (misfit === undefined) return spec;
  throw new LockstepError(isOfModel ? 'model-invalid' : 'bad-option', `loss ${kind} ${misfit}`, {
    remedy: `the network’s last layer and the loss must fit the data; losses: ${namesOf(losses.entries)}`,
  });
}

/** The loss for a kind of target. */
function defaultLoss({ target, outputs }: LossPlace): string {
  if ('values' in target) return 'mean-squared';
  return outputs === 1 && target.classes === 2 ? 'sigmoid-cross-entropy' : 'cross-entropy';
}

/** Accuracy is always the first metric over classes: alarms and pages read it. */
function chooseMetrics(definition: ObjectiveDefinition, place: LossPlace): readonly string[] {
  const usual = 'classes' in place.target ? ['accuracy'] : ['mae'];
  const custom = Object.keys(customMetricsIn(definition));
  const named = metricNamesIn(definition) ?? [...usual, ...custom];
  const all = 'classes' in place.target ? ['accuracy', ...named] : named;
  const taken = custom.find((name) => registered.some((each) => each.name === name));
  if (taken !== undefined) throw invalidMetric(`${taken} is the name of a registered metric`);
  for (const name of all.filter((each) => !custom.includes(each))) {
    const metric = registered.find((each) => each.name === name);
    const misfit = metric ? metric.misfit(place) : 'is not registered';
    if (misfit !== undefined) throw invalidMetric(`metric ${name} ${misfit}`);
  }
  return [...new Set(all)];
}

function invalidMetric(message: string): LockstepError {
  return new LockstepError('model-invalid', message, {
    remedy: `metrics: ${namesOf(registered)}, or functions of your own: metrics: { name: (tf, outputs, targets) => … }`,
  });
}

function namesOf(entries: readonly { readonly name: string }[]): string {
  return entries.map(({ name }) => name).join(', ');
}
