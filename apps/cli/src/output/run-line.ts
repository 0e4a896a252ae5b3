import type { RunEvent, RunState } from '@lockstep/core';
import { createRemainingTime, durationText, fitLine } from './progress-line.js';
import type { Draw } from './live-line.js';

/** What the live line of a run shows; follows the run's events. */
export interface RunLine {
  observe(event: RunEvent): void;
  readonly draw: Draw;
}

type Step = Extract<RunEvent, { event: 'step' }>;

export function createRunLine(): RunLine {
  const remaining = createRemainingTime();
  let step = 0;
  let steps = 0;
  let state: RunState = 'waiting-for-workers';
  let last: Step | undefined;
  let accuracy: string | undefined;

  const observe = (event: RunEvent): void => {
    if (event.event === 'run-started') {
      step = event.resumedAt ?? 0;
      steps = event.steps;
    }
    if (event.event === 'state') state = event.state;
    if (event.event !== 'step') return;
    last = event;
    step = event.step;
    if (event.stepMs !== undefined) remaining.observe(event.stepMs);
    if (event.trainAccuracy !== undefined) accuracy = (100 * event.trainAccuracy).toFixed(2);
  };
  /** The time left while the run advances, else why it does not. */
  const outlook = (): string => {
    if (state === 'waiting-for-workers') return 'waiting for workers';
    if (state !== 'running') return state;
    const left = remaining.estimate(steps - step);
    return left === undefined ? 'starting' : `${durationText(left)} left`;
  };
  return {
    observe,
    draw: (columns) => {
      const pieces = [
        { rank: 0, text: `step ${step}/${steps}` },
        { rank: 2, share: steps === 0 ? 0 : step / steps },
        ...(last ? figures(last, accuracy) : []),
        { rank: 1, text: outlook() },
      ];
      return fitLine(pieces, columns);
    },
  };
}

function figures(
  { loss, samplesPerSecond, workers }: Step,
  accuracy: string | undefined,
): readonly { rank: number; text: string }[] {
  return [
    { rank: 3, text: `loss ${loss.toFixed(4)}` },
    ...(accuracy === undefined ? [] : [{ rank: 6, text: `accuracy ${accuracy} %` }]),
    { rank: 4, text: `${Math.round(samplesPerSecond)} samples/s` },
    { rank: 5, text: `${workers} ${workers === 1 ? 'worker' : 'workers'}` },
  ];
}
