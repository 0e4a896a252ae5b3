import type { Evaluated, RunReport } from '../api/reply.js';
import type { RunEvent } from '../api/run-events.js';

const NO_WORKERS = { joining: 0, ready: 0, quarantined: 0 };

/** The run's report after an event; the same object if the event does not change it. */
export function advanceRun(run: RunReport, event: RunEvent): RunReport {
  switch (event.event) {
    case 'state': {
      const { state, reason, at } = event;
      const still = state === 'running' ? {} : { samplesPerSecond: 0 };
      const next = { ...run, ...still, state, reason, since: at };
      return hasEnded(next) ? { ...next, workers: NO_WORKERS } : next;
    }
    case 'step': {
      const { step, loss, samplesPerSecond, trainAccuracy = run.trainAccuracy } = event;
      const { stepMs = null, learningRate = run.learningRate } = event;
      const trainAccuracyStep =
        event.trainAccuracy === undefined ? run.trainAccuracyStep : event.step;
      const accuracy = { trainAccuracy, trainAccuracyStep };
      const figures = { loss, ...accuracy, samplesPerSecond, stepMs, learningRate };
      return { ...run, ...figures, step, version: step };
    }
    case 'evaluation': {
      const { event: _name, ...evaluation } = event;
      const { step } = evaluation;
      const best = run.bestEvaluation;
      return {
        ...run,
        // The evaluation of an earlier step may arrive later.
        lastEvaluation: (run.lastEvaluation?.step ?? 0) > step ? run.lastEvaluation : evaluation,
        bestEvaluation: isBetter(evaluation, best, run.spec) ? evaluation : best,
      };
    }
    case 'alarm':
      return event.skippedSteps === undefined ? run : { ...run, skippedSteps: event.skippedSteps };
    default:
      return run;
  }
}

/** Whether an evaluation is better than the best one so far, by the run's first metric, as the coordinator decides. */
function isBetter(
  evaluation: Evaluated,
  best: Evaluated | null,
  { metrics: [metric], metricTraits }: RunReport['spec'],
): boolean {
  const valueOf = ({ metrics, testLoss, testAccuracy }: Evaluated): number =>
    metric === undefined ? testLoss : (metrics[metric] ?? testAccuracy ?? Number.NaN);
  const value = valueOf(evaluation);
  if (!Number.isFinite(value) || best === null) return Number.isFinite(value);
  const isLowerBetter = metric === undefined || metricTraits[metric]?.better === 'lower';
  return isLowerBetter ? value < valueOf(best) : value > valueOf(best);
}

/**
 * The remaining time of the run at the current rate, in seconds.
 *
 * @returns undefined while the run is not training
 */
export function secondsLeft(run: RunReport): number | undefined {
  if (run.state !== 'running' || run.samplesPerSecond <= 0) return undefined;
  return ((run.steps - run.step) * run.spec.batch) / run.samplesPerSecond;
}

export function hasEnded({ state }: Pick<RunReport, 'state'>): boolean {
  return state === 'finished' || state === 'stopped' || state === 'failed';
}
