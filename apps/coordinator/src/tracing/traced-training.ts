import type { TrainingParts } from '../train-run.js';
import type { StepTraces } from './step-traces.js';

/** The same parts, each step of which leaves a trace. */
export function tracedTraining(run: TrainingParts, traces: StepTraces): TrainingParts {
  return {
    ...run,
    planStep: (spec, step) => {
      traces.opened(step);
      return traces.during('plan', () => run.planStep(spec, step), step);
    },
    record: (step, contributions) => traces.during('record', () => run.record(step, contributions)),
    reduceInOrder: (contributions) =>
      traces.during('reduce', () => run.reduceInOrder(contributions)),
    afterStep: (step) => {
      run.afterStep(step);
      traces.closed();
    },
  };
}
