import type { RunEvent, RunState } from '@lockstep/core';
import { durationText, fitLine, RemainingTime } from './progress-line.js';

type Step = Extract<RunEvent, { event: 'step' }>;

/** What the live line of a run shows; follows the run's events. */
export class RunLine {
  readonly #remaining = new RemainingTime();
  #step = 0;
  #steps = 0;
  #state: RunState = 'waiting-for-workers';
  #last: Step | undefined;
  #accuracy: string | undefined;
  #skippedSteps = 0;

  observe(event: RunEvent): void {
    if (event.event === 'run-started') {
      this.#step = event.resumedAt ?? 0;
      this.#steps = event.steps;
      this.#skippedSteps = event.skippedSteps ?? 0;
    }
    if (event.event === 'state') this.#state = event.state;
    if (event.event === 'alarm') this.#skippedSteps = event.skippedSteps ?? this.#skippedSteps;
    if (event.event !== 'step') return;
    this.#last = event;
    this.#step = event.step;
    if (event.stepMs !== undefined) this.#remaining.observe(event.stepMs);
    if (event.trainAccuracy !== undefined) this.#accuracy = (100 * event.trainAccuracy).toFixed(2);
  }

  /** @param columns widest text that does not wrap */
  draw(columns: number): string {
    const [step, steps] = [this.#step, this.#steps];
    const pieces = [
      { rank: 0, text: `step ${step}/${steps}` },
      { rank: 2, share: steps === 0 ? 0 : step / steps },
      ...(this.#last ? figures(this.#last, this.#accuracy) : []),
      ...(this.#skippedSteps > 0 ? [{ rank: 7, text: `${this.#skippedSteps} skipped` }] : []),
      { rank: 1, text: this.#outlook() },
    ];
    return fitLine(pieces, columns);
  }

  /** The time left while the run advances, else why it does not. */
  #outlook(): string {
    if (this.#state === 'waiting-for-workers') return 'waiting for workers';
    if (this.#state !== 'running') return this.#state;
    const left = this.#remaining.estimate(this.#steps - this.#step);
    return left === undefined ? 'starting' : `${durationText(left)} left`;
  }
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
