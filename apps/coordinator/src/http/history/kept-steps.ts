import type { StepRow } from './schemas.js';

/** The steps of a run, in order and in bounded memory. */
export interface KeptSteps {
  /** Adds a step; one computed again after a restart takes the place of what it was before. */
  add(row: StepRow): void;
  /** Drops what came after a step: a coordinator goes on from there. */
  rewind(step: number): void;
  readonly rows: readonly StepRow[];
  /** The newest, whether it is kept or not. */
  readonly last: StepRow | undefined;
  /** The newest with a training accuracy. */
  readonly lastTrainAccuracy: StepRow | undefined;
}

/**
 * Keeps every step, then every tenth, every hundredth and so on as a run grows long. Tenths, since
 * the training accuracy is taken on every 100th step.
 *
 * @param most how many are kept, at least 10
 */
export function createKeptSteps(most = 100_000): KeptSteps {
  let rows: StepRow[] = [];
  let stride = 1;
  let last: StepRow | undefined;
  let lastTrainAccuracy: StepRow | undefined;
  const rewind = (step: number): void => {
    while ((rows.at(-1)?.step ?? 0) > step) rows.pop();
    if (last && last.step > step) last = rows.at(-1);
    if (lastTrainAccuracy && lastTrainAccuracy.step > step) {
      lastTrainAccuracy = rows.findLast(({ trainAccuracy }) => trainAccuracy !== undefined);
    }
  };
  return {
    rewind,
    add: (row) => {
      rewind(row.step - 1);
      last = row;
      if (row.trainAccuracy !== undefined) lastTrainAccuracy = row;
      if (row.step % stride === 0) rows.push(row);
      if (rows.length <= most) return;
      stride *= 10;
      rows = rows.filter(({ step }) => step % stride === 0);
    },
    get rows() {
      // The newest belongs to the picture even where it falls between two strides.
      return last && rows.at(-1) !== last ? [...rows, last] : rows;
    },
    get last() {
      return last;
    },
    get lastTrainAccuracy() {
      return lastTrainAccuracy;
    },
  };
}
