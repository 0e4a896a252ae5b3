import type { RunSpec } from '@lockstep/core';

/** A sign that a run learns nothing, and what to try. */
export interface LearningAlarm {
  readonly code: 'at-chance' | 'loss-exploded' | 'diverged';
  readonly message: string;
}

interface ObservedStep {
  readonly loss: number;
  /** Samples classified correctly; 0 for a regression. */
  readonly correctCount: number;
  readonly sampleCount: number;
}

const WINDOW_STEPS = 100;
/** A run may need this many samples to leave chance level. */
const GRACE_SAMPLES = 20_000;
const CHANCE_MARGIN = 1.5;
/** With few classes a small advantage over chance counts: 55 % of two. */
const MOST_ADVANTAGE = 0.05;
const HOPELESS_LOSS = 1e6;

/** What a run's loss and accuracy are compared with. */
export type Chance =
  | { readonly kind: 'classes'; readonly classes: number }
  /** A loss of unknown scale: only its growth says something. */
  | { readonly kind: 'unknown' };

/** Guessing has a known loss, ln(classes), where the loss is an unweighted cross-entropy. */
export function chanceOf({ model, data }: Pick<RunSpec, 'model' | 'data'>): Chance {
  const { kind, classWeights } = model.loss;
  const isCrossEntropy = kind === 'cross-entropy' || kind === 'sigmoid-cross-entropy';
  return 'classes' in data.target && isCrossEntropy && classWeights === undefined
    ? { kind: 'classes', classes: data.target.classes }
    : { kind: 'unknown' };
}

/**
 * Watches a run's steps for signs that it learns nothing. A run is at chance level if, past the first
 * 20,000 samples, a window of 100 steps classifies no better than 1.5 times chance (with few classes,
 * 5 % above it) and its mean loss is not below that of guessing, ln(classes). A loss has exploded if it
 * is beyond a million; where its scale is unknown, beyond a million times that of the first step.
 */
export class LearningWatch {
  readonly #chance: Chance;
  #firstLoss: number | undefined;
  readonly #window: ObservedStep[] = [];
  #samples = 0;
  /** Steps without a finite gradient, one after another. */
  #skipped = 0;
  #raised = false;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** @returns an alarm, once, if the steps so far give reason for one */
  observe(step: ObservedStep): LearningAlarm | undefined {
    this.#skipped = 0;
    this.#samples += step.sampleCount;
    this.#window.push(step);
    if (this.#window.length > WINDOW_STEPS) this.#window.shift();
    if (this.#raised) return undefined;
    this.#firstLoss ??= step.loss;
    const scale = this.#chance.kind === 'classes' ? 1 : Math.max(1, this.#firstLoss);
    const alarm =
      explosion(this.#window, HOPELESS_LOSS * scale) ??
      (this.#chance.kind === 'classes'
        ? guessing(this.#window, this.#samples, this.#chance.classes)
        : undefined);
    this.#raised = alarm !== undefined;
    return alarm;
  }

  /** Notes a step that changed nothing. @returns an alarm, once, if a window of steps did */
  skipped(): LearningAlarm | undefined {
    this.#skipped += 1;
    if (this.#raised || this.#skipped < WINDOW_STEPS) return undefined;
    this.#raised = true;
    return {
      code: 'diverged',
      message: `the last ${WINDOW_STEPS} steps had no finite gradient: try a tenth of the learning rate`,
    };
  }
}

function explosion(window: readonly ObservedStep[], limit: number): LearningAlarm | undefined {
  const loss = meanLoss(window);
  if (loss <= limit) return undefined;
  return {
    code: 'loss-exploded',
    message: `the loss has grown to ${loss.toPrecision(3)}: try a tenth of the learning rate`,
  };
}

function meanLoss(window: readonly ObservedStep[]): number {
  return window.reduce((sum, step) => sum + step.loss, 0) / window.length;
}

function guessing(
  window: readonly ObservedStep[],
  samples: number,
  classCount: number,
): LearningAlarm | undefined {
  const loss = meanLoss(window);
  if (window.length < WINDOW_STEPS || samples < GRACE_SAMPLES) return undefined;
  const seen = window.reduce((sum, step) => sum + step.sampleCount, 0);
  const accuracy = window.reduce((sum, step) => sum + step.correctCount, 0) / seen;
  const margin = Math.min(CHANCE_MARGIN / classCount, 1 / classCount + MOST_ADVANTAGE);
  if (accuracy > margin || loss < 0.95 * Math.log(classCount)) return undefined;
  return {
    code: 'at-chance',
    message:
      `after ${samples} samples the run still guesses: ${(100 * accuracy).toFixed(1)} % right where ` +
      `guessing gives ${(100 / classCount).toFixed(1)} %, loss ${loss.toFixed(3)}. Most likely the learning rate is too ` +
      'high and the ReLUs are dead: try a tenth of it, or the default recipe',
  };
}
