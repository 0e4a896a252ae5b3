import {
  correctCountIn,
  sumByTree,
  type Contribution,
  type RunEvent,
  type RunSpec,
} from '@lockstep/core';
import { runLearningRateAt } from '@lockstep/optim';

const WINDOW_MS = 5_000;

export interface StepFigures {
  readonly event: Extract<RunEvent, { event: 'step' }>;
  readonly loss: number;
  readonly correctCount: number;
  readonly sampleCount: number;
}

/** Computes the figures of committed steps. */
export class Progress {
  readonly #spec: RunSpec;
  readonly #time: { now(): number };
  /** Steps of the last seconds; the first entry only marks their beginning. */
  readonly #recent: { at: number; samples: number }[];

  /** @param time milliseconds of training: the time while the run waits belongs to no step */
  constructor(spec: RunSpec, time: { now(): number }) {
    this.#spec = spec;
    this.#time = time;
    this.#recent = [{ at: time.now(), samples: 0 }];
  }

  committed(step: number, contributions: readonly Contribution[], workers: number): StepFigures {
    const sum = (pick: (contribution: Contribution) => number): number =>
      sumByTree(contributions.map(pick));
    const sampleCount = sum((contribution) => contribution.sampleCount);
    const stepMs = this.#add(sampleCount);
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
        samplesPerSecond: this.#rate(),
        stepMs,
        workers,
        learningRate: runLearningRateAt(this.#spec, step),
      },
      loss,
      correctCount: sum(({ metricSums }) => correctCountIn(this.#spec.model, metricSums) ?? 0),
      sampleCount,
    };
  }

  /** @returns milliseconds since the step before */
  #add(samples: number): number {
    const recent = this.#recent;
    const at = this.#time.now();
    const stepMs = at - (recent.at(-1)?.at ?? at);
    recent.push({ at, samples });
    while (recent.length > 2 && at - (recent[0]?.at ?? 0) > WINDOW_MS) recent.shift();
    return stepMs;
  }

  /** Samples per second over the window. */
  #rate(): number {
    const [first, ...rest] = this.#recent;
    const last = this.#recent.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    const samples = rest.reduce((sum, each) => sum + each.samples, 0);
    return (samples * 1000) / (last.at - first.at);
  }
}
