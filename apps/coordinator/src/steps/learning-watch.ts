/** A sign that a run learns nothing, and what to try. */
export interface LearningAlarm {
  readonly code: 'at-chance' | 'loss-exploded';
  readonly message: string;
}

interface ObservedStep {
  readonly loss: number;
  readonly correctCount: number;
  readonly sampleCount: number;
}

const WINDOW_STEPS = 100;
/** A run may need this many samples to leave chance level. */
const GRACE_SAMPLES = 20_000;
const CHANCE_MARGIN = 1.5;
const HOPELESS_LOSS = 1e6;

/**
 * Watches a run's steps for signs that it learns nothing. A run is at chance level if, past the first
 * 20,000 samples, a window of 100 steps classifies no better than 1.5 times chance and its mean loss
 * is not below that of guessing, ln(classes).
 */
export class LearningWatch {
  readonly #classCount: number;
  readonly #window: ObservedStep[] = [];
  #samples = 0;
  #raised = false;

  constructor(classCount: number) {
    this.#classCount = classCount;
  }

  /** @returns an alarm, once, if the steps so far give reason for one */
  observe(step: ObservedStep): LearningAlarm | undefined {
    this.#samples += step.sampleCount;
    this.#window.push(step);
    if (this.#window.length > WINDOW_STEPS) this.#window.shift();
    if (this.#raised) return undefined;
    const alarm = judge(this.#window, this.#samples, this.#classCount);
    this.#raised = alarm !== undefined;
    return alarm;
  }
}

function judge(
  window: readonly ObservedStep[],
  samples: number,
  classCount: number,
): LearningAlarm | undefined {
  const loss = window.reduce((sum, step) => sum + step.loss, 0) / window.length;
  if (loss > HOPELESS_LOSS) {
    return {
      code: 'loss-exploded',
      message: `the loss has grown to ${loss.toPrecision(3)}: try a tenth of the learning rate`,
    };
  }
  if (window.length < WINDOW_STEPS || samples < GRACE_SAMPLES) return undefined;
  const seen = window.reduce((sum, step) => sum + step.sampleCount, 0);
  const accuracy = window.reduce((sum, step) => sum + step.correctCount, 0) / seen;
  if (accuracy > CHANCE_MARGIN / classCount || loss < 0.95 * Math.log(classCount)) return undefined;
  return {
    code: 'at-chance',
    message:
      `after ${samples} samples the run still guesses: ${(100 * accuracy).toFixed(1)} % right where ` +
      `guessing gives ${(100 / classCount).toFixed(1)} %, loss ${loss.toFixed(3)}. Most likely the learning rate is too ` +
      'high and the ReLUs are dead: try a tenth of it, or the default recipe',
  };
}
