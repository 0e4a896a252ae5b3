import type { Evaluated } from '../server/schemas.js';
import type { StepRow, StepsQuery, StepsReport } from './schemas.js';

/**
 * The steps of a run, in order and in bounded memory: every step, then every tenth, every hundredth
 * and so on as a run grows long. Powers of ten, since the training accuracy is measured on every
 * 100th step.
 */
export class KeptSteps {
  readonly #most: number;
  #rows: StepRow[] = [];
  #stride = 1;
  #last: StepRow | undefined;
  #lastTrainAccuracy: StepRow | undefined;

  /** @param most how many are kept, at least 10 */
  constructor(most = 100_000) {
    this.#most = most;
  }

  /** The kept steps, and the newest even where it falls between two strides. */
  get rows(): readonly StepRow[] {
    const last = this.#last;
    return last && this.#rows.at(-1) !== last ? [...this.#rows, last] : this.#rows;
  }

  /** The newest, whether it is kept or not. */
  get last(): StepRow | undefined {
    return this.#last;
  }

  /** The newest with a training accuracy. */
  get lastTrainAccuracy(): StepRow | undefined {
    return this.#lastTrainAccuracy;
  }

  /** Adds a step; a step that is computed again after a restart replaces the old one. */
  add(row: StepRow): void {
    this.rewind(row.step - 1);
    this.#last = row;
    if (row.trainAccuracy !== undefined) this.#lastTrainAccuracy = row;
    if (row.step % this.#stride === 0) this.#rows.push(row);
    if (this.#rows.length <= this.#most) return;
    this.#stride *= 10;
    this.#rows = this.#rows.filter(({ step }) => step % this.#stride === 0);
  }

  /** Drops the steps after one that training continues from. */
  rewind(step: number): void {
    while ((this.#rows.at(-1)?.step ?? 0) > step) this.#rows.pop();
    if (this.#last && this.#last.step > step) this.#last = this.#rows.at(-1);
    if (this.#lastTrainAccuracy && this.#lastTrainAccuracy.step > step) {
      this.#lastTrainAccuracy = this.#rows.findLast(
        ({ trainAccuracy }) => trainAccuracy !== undefined,
      );
    }
  }
}

/** The steps and evaluations in a range, with at most `points` steps. */
export function reportSteps(
  history: { readonly steps: readonly StepRow[]; readonly evaluations: readonly Evaluated[] },
  { from, to, points }: StepsQuery,
): StepsReport {
  const inRange = ({ step }: { step: number }): boolean => step >= from && step <= to;
  const found = history.steps.filter(inRange);
  const steps = decimate(found, points);
  return {
    steps: [...steps],
    evaluations: history.evaluations.filter(inRange),
    decimated: steps.length < found.length,
  };
}

/**
 * At most `points` of the rows, spread evenly, first and last included. Of neighbouring rows, one
 * with a training accuracy is preferred; values are never changed or interpolated.
 *
 * @param points at least 2
 */
export function decimate(rows: readonly StepRow[], points: number): readonly StepRow[] {
  if (rows.length <= points) return rows;
  const first = rows.slice(0, 1);
  const inner = rows.slice(1, -1);
  const buckets = points - 2;
  const chosen = Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * inner.length) / buckets);
    const to = Math.floor(((bucket + 1) * inner.length) / buckets);
    const neighbours = inner.slice(from, to);
    return (
      neighbours.findLast(({ trainAccuracy }) => trainAccuracy !== undefined) ?? neighbours.at(-1)
    );
  });
  return [...first, ...chosen.flatMap((row) => row ?? []), ...rows.slice(-1)];
}
