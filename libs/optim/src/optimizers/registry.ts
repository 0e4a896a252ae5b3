import { Registry, type OptimizerSpec, type RunSpec, type StateLayout } from '@lockstep/core';
import type { z } from 'zod';
import { schedules } from '../schedules/registry.js';
import type { Optimizer, TensorFlow, UpdateRule } from './optimizer.js';
import * as registered from './registered.js';

type Registered = (typeof registered)[keyof typeof registered];

/** The settings of each optimizer. */
export type EachOptimizer = z.output<Registered['schema']>;

/** Every optimizer, by name. */
export const optimizers = new Registry<Optimizer>('optimizer', Object.values(registered));

/** The layout of a run's states, from its parameters and the slots of its optimizer. */
export function stateLayout({
  model,
  optimizer,
}: Pick<RunSpec, 'optimizer'> & {
  readonly model: Pick<RunSpec['model'], 'parameters'>;
}): StateLayout {
  const { entry, settings } = optimizers.read(optimizer);
  // A run whose schedule this version does not have is refused before its first step.
  schedules.read(optimizer.schedule);
  return { parameters: model.parameters, slots: entry.slots(settings) };
}

/** The update rule of a run's optimizer. */
export function updateRule(tf: TensorFlow, spec: OptimizerSpec): UpdateRule {
  const { entry, settings } = optimizers.read(spec);
  return entry.make(tf, settings);
}
