import {
  Registry,
  type ModelTensors,
  type OptimizerSpec,
  type RunSpec,
  type StateLayout,
} from '@lockstep/core';
import { AVERAGE_SLOT } from '../training-state.js';
import { schedules } from '../schedules/registry.js';
import type { Optimizer, TensorFlow, UpdateRule } from './optimizer.js';
import * as registered from './registered.js';

type Registered = (typeof registered)[keyof typeof registered];

/** The schemas of the optimizers' settings. */
export type OptimizerSchemas = Registered['schema'];

/** Every optimizer, by name. */
export const optimizers = new Registry<Optimizer>('optimizer', Object.values(registered));

/**
 * The layout of a run's states, from the tensors of its model and the slots of its optimizer; the
 * moving average of the weights, where the run keeps one, is the last slot.
 */
export function stateLayout({
  model: { parameters, buffers },
  optimizer,
  ema,
}: Pick<RunSpec, 'optimizer' | 'ema'> & {
  readonly model: ModelTensors;
}): StateLayout {
  const { entry, settings } = optimizers.read(optimizer);
  const slots = entry.slots(settings);
  // A run whose schedule this version does not have is refused before its first step.
  schedules.read(optimizer.schedule);
  return {
    parameters,
    ...(buffers && { buffers }),
    slots: ema === undefined ? slots : [...slots, AVERAGE_SLOT],
  };
}

/** The update rule of a run's optimizer. */
export function updateRule(tf: TensorFlow, spec: OptimizerSpec): UpdateRule {
  const { entry, settings } = optimizers.read(spec);
  return entry.make(tf, settings);
}
