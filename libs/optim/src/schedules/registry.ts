import { horizonAt, Registry, type OptimizerSpec, type RunSpec } from '@lockstep/core';
import type { z } from 'zod';
import * as registered from './registered.js';
import { warmupSteps, type Schedule } from './schedule.js';

type Registered = (typeof registered)[keyof typeof registered];

/** The schemas of the schedules' settings, the warm-up among them. */
export type ScheduleSchemas =
  Registered['schema'] | z.ZodObject<{ warmupSteps: typeof warmupSteps }>;

/** Every learning rate schedule, by name, with the warm-up among its settings. */
export const schedules = new Registry<Schedule>(
  'schedule',
  Object.values<Schedule>(registered).map((schedule) => ({
    ...schedule,
    schema: schedule.schema.extend({ warmupSteps }),
  })),
);

/**
 * A recipe's warm-up for a run of `steps` steps: it takes at most half of them, so that a short run
 * reaches its learning rate.
 */
export function boundedWarmup(warmupSteps: number, steps: number): number {
  return Math.min(warmupSteps, Math.max(1, Math.floor(steps / 2)));
}

/**
 * The learning rate of one step: first the warm-up, then the schedule over the steps after it.
 *
 * @param step from 1 to `steps`
 * @throws LockstepError `run-damaged` where this version has no such schedule
 */
export function learningRateAt(
  { learningRate, schedule }: Pick<OptimizerSpec, 'learningRate' | 'schedule'>,
  step: number,
  steps: number,
): number {
  const { entry, settings } = schedules.read(schedule);
  const { warmupSteps = 0 } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const factor = entry.make(settings);
  return learningRate * factor(step - warmupSteps, Math.max(1, steps - warmupSteps));
}

/** The learning rate of a step of a run. */
export function runLearningRateAt(
  spec: Pick<RunSpec, 'steps' | 'segments'> & {
    readonly optimizer: Pick<OptimizerSpec, 'learningRate' | 'schedule'>;
  },
  step: number,
): number {
  return learningRateAt(spec.optimizer, step, horizonAt(spec, step));
}
