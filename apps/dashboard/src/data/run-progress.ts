import type { RunReport } from '../api/reply.js';
import type { RunEvent } from '../api/run-events.js';

/** How the run stands after an event; the report itself when the event changes nothing in it. */
export function advanceRun(run: RunReport, event: RunEvent): RunReport {
  switch (event.event) {
    case 'state': {
      const { state, reason, at } = event;
      const still = state === 'running' ? {} : { samplesPerSecond: 0 };
      return { ...run, ...still, state, reason, since: at };
    }
    case 'step': {
      const { step, loss, samplesPerSecond, trainAccuracy = run.trainAccuracy } = event;
      const { stepMs = null, learningRate = run.learningRate } = event;
      const figures = { loss, trainAccuracy, samplesPerSecond, stepMs, learningRate };
      return { ...run, ...figures, step, version: step };
    }
    case 'evaluation': {
      const { step, testAccuracy, testLoss, at } = event;
      const evaluation = { step, testAccuracy, testLoss, at };
      const best = run.bestEvaluation;
      const better = best === null || testAccuracy > best.testAccuracy;
      return {
        ...run,
        lastEvaluation: evaluation,
        bestEvaluation: better ? evaluation : best,
      };
    }
    default:
      return run;
  }
}

/**
 * How long the rest of the run takes at the pace of now, in seconds.
 *
 * @returns undefined when no step is being made
 */
export function secondsLeft(run: RunReport): number | undefined {
  if (run.state !== 'running' || run.samplesPerSecond <= 0) return undefined;
  return ((run.steps - run.step) * run.spec.batch) / run.samplesPerSecond;
}

export function hasEnded({ state }: RunReport): boolean {
  return state === 'finished' || state === 'stopped' || state === 'failed';
}
