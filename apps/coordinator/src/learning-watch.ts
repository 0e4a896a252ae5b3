/** What is wrong with how a run learns, and what to try. */
export interface LearningAlarm {
  readonly code: 'at-chance' | 'loss-exploded';
  readonly message: string;
}

/** Watches a run's steps for signs that it learns nothing. */
export interface LearningWatch {
  /** @returns an alarm, once, when the steps so far give reason for one */
  observe(step: {
    loss: number;
    correctCount: number;
    sampleCount: number;
  }): LearningAlarm | undefined;
}

const WINDOW_STEPS = 100;
/** A run may need some time to leave chance; a window after this must have. */
const GRACE_SAMPLES = 20_000;
const CHANCE_MARGIN = 1.5;
const HOPELESS_LOSS = 1e6;

/**
 * A run sits at chance when, past the first 20,000 samples, a window of 100 steps classifies no
 * better than 1.5 times chance and its mean loss is not below that of guessing, ln(classes).
 */
export function createLearningWatch(classCount: number): LearningWatch {
  const window: { loss: number; correctCount: number; sampleCount: number }[] = [];
  const chanceLoss = Math.log(classCount);
  let samples = 0;
  let raised = false;
  return {
    observe: (step) => {
      samples += step.sampleCount;
      window.push(step);
      if (window.length > WINDOW_STEPS) window.shift();
      if (raised) return undefined;
      const alarm = judge(window, samples, classCount, chanceLoss);
      raised = alarm !== undefined;
      return alarm;
    },
  };
}

function judge(
  window: readonly { loss: number; correctCount: number; sampleCount: number }[],
  samples: number,
  classCount: number,
  chanceLoss: number,
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
  if (accuracy > CHANCE_MARGIN / classCount || loss < 0.95 * chanceLoss) return undefined;
  return {
    code: 'at-chance',
    message:
      `after ${samples} samples the run still guesses: ${(100 * accuracy).toFixed(1)} % right where ` +
      `guessing gives ${(100 / classCount).toFixed(1)} %, loss ${loss.toFixed(3)}. Most likely the learning rate is too ` +
      'high and the ReLUs are dead: try a tenth of it, or the default recipe',
  };
}
