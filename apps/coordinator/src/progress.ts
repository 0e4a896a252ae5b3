import { runLearningRateAt, type Contribution, type RunEvent, type RunSpec } from '@lockstep/core';

const WINDOW_MS = 5_000;

/** Turns committed steps into the figures a person follows. */
export interface Progress {
  committed(step: number, contributions: readonly Contribution[], workers: number): StepFigures;
}

export interface StepFigures {
  readonly event: Extract<RunEvent, { event: 'step' }>;
  readonly loss: number;
  readonly correctCount: number;
  readonly sampleCount: number;
}

/** @param now milliseconds of training: time in which the run waits belongs to no step */
export function createProgress(spec: RunSpec, now: () => number): Progress {
  const recent: { at: number; samples: number }[] = [{ at: now(), samples: 0 }];
  return {
    committed: (step, contributions, workers) => {
      const sum = (pick: (contribution: Contribution) => number): number =>
        contributions.reduce((total, contribution) => total + pick(contribution), 0);
      const sampleCount = sum((contribution) => contribution.sampleCount);
      const at = now();
      const stepMs = at - (recent.at(-1)?.at ?? at);
      recent.push({ at, samples: sampleCount });
      while (recent.length > 2 && at - (recent[0]?.at ?? 0) > WINDOW_MS) recent.shift();
      const loss = sum(({ lossSum }) => lossSum) / sampleCount;
      const clean = contributions.every(({ cleanCorrectCount }) => cleanCorrectCount !== undefined);
      return {
        event: {
          event: 'step',
          step,
          loss,
          ...(clean
            ? { trainAccuracy: sum((each) => each.cleanCorrectCount ?? 0) / sampleCount }
            : {}),
          samplesPerSecond: rate(recent),
          stepMs,
          workers,
          learningRate: runLearningRateAt(spec, step),
        },
        loss,
        correctCount: sum(({ correctCount }) => correctCount),
        sampleCount,
      };
    },
  };
}

/** Samples a second over the window; the first entry only marks its beginning. */
function rate(recent: readonly { at: number; samples: number }[]): number {
  const [first, ...rest] = recent;
  const last = recent.at(-1);
  if (!first || !last || last.at <= first.at) return 0;
  return (rest.reduce((sum, { samples }) => sum + samples, 0) * 1000) / (last.at - first.at);
}
