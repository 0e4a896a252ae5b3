import type { OptimizerSpec, Schedule } from './run-spec.js';

/**
 * The learning rate of one step.
 *
 * @param step from 1 to `steps`
 */
export function learningRateAt(
  { learningRate, schedule }: Pick<OptimizerSpec, 'learningRate' | 'schedule'>,
  step: number,
  steps: number,
): number {
  if (schedule.kind === 'constant') return learningRate;
  const { warmupSteps, finalFactor } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
  return learningRate * (finalFactor + (1 - finalFactor) * halfCosine(progress));
}

/**
 * A recipe's schedule for a run of `steps` steps: the warm-up takes at most half of them, so that a
 * short run reaches its learning rate.
 */
export function boundedSchedule(schedule: Schedule, steps: number): Schedule {
  if (schedule.kind === 'constant') return schedule;
  const most = Math.max(1, Math.floor(steps / 2));
  return { ...schedule, warmupSteps: Math.min(schedule.warmupSteps, most) };
}

/**
 * (1 + cos πx) / 2 for x in [0, 1], by its Taylor series in basic arithmetic alone: `Math.cos` may
 * differ in its last bit between JavaScript engines, and the learning rate is part of the bits.
 */
function halfCosine(x: number): number {
  const angle = Math.PI * (x - 0.5);
  let term = angle;
  let sine = angle;
  for (let n = 1; n <= 10; n++) {
    term *= -(angle * angle) / (2 * n * (2 * n + 1));
    sine += term;
  }
  // Rounding must not make the last learning rate negative.
  return Math.max(0, (1 - sine) / 2);
}
