import type { RunEvent } from '@lockstep/core';

/** Metrics of a step, by their names in TensorBoard and MLflow. */
export interface Figures {
  readonly step: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Extracts metrics from a run's events, in their order. */
export class FigureReader {
  #lastStepAt: number | undefined;

  /** @returns undefined for an event without metrics */
  read(event: RunEvent, at: number): Figures | undefined {
    switch (event.event) {
      case 'step': {
        const { step, loss, trainAccuracy, learningRate, samplesPerSecond } = event;
        const last = this.#lastStepAt;
        this.#lastStepAt = at;
        const values = present({
          'train/loss': loss,
          'train/accuracy': trainAccuracy,
          'train/learning_rate': learningRate,
          'speed/samples_per_second': samplesPerSecond,
          'speed/step_seconds': last === undefined ? undefined : (at - last) / 1000,
        });
        return { step, at, values };
      }
      case 'evaluation': {
        const { step, testLoss, metrics } = event;
        const named = Object.entries(metrics).map(
          ([name, value]) => [`test/${name}`, value] as const,
        );
        return { step, at, values: { ...Object.fromEntries(named), 'test/loss': testLoss } };
      }
      case 'state':
        // A pause does not count as a slow step.
        this.#lastStepAt = undefined;
        return undefined;
      default:
        return undefined;
    }
  }
}

function present(values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
