import { firstAtLeast, type Range } from '../../charts/points.js';
import { columnNames, type StepColumns } from '../../data/step-columns.js';

/** A range of steps, both ends included. */
export interface StepWindow {
  readonly from: number;
  readonly to: number;
}

/** Steps of a part of a run, at a finer resolution than its whole history. */
export interface FinerSteps extends StepWindow {
  readonly steps: StepColumns;
  /** Whether no step is missing. */
  readonly complete: boolean;
}

/**
 * The part of a range in which steps are missing; undefined if none is. Steps received live are
 * complete, so the part does not change during the run.
 *
 * @param axis x of every step
 */
export function coarseWindow(
  { step }: StepColumns,
  axis: Float64Array,
  { from, to }: Range,
): StepWindow | undefined {
  let first = Math.max(0, firstAtLeast(axis, from) - 1);
  let last = Math.min(step.length - 1, firstAtLeast(axis, to));
  const gapAfter = (index: number): boolean => (step[index + 1] ?? 0) - (step[index] ?? 0) > 1;
  while (first < last && !gapAfter(first)) first += 1;
  while (first < last && !gapAfter(last - 1)) last -= 1;
  return first < last ? { from: step[first] ?? 0, to: step[last] ?? 0 } : undefined;
}

/** Whether a window is already loaded at the finest available resolution. */
export function covers(finer: FinerSteps | undefined, { from, to }: StepWindow): boolean {
  if (!finer || finer.from > from || finer.to < to) return false;
  return finer.complete || (finer.from === from && finer.to === to);
}

/** A history in which a part is replaced by finer steps. */
export function withFiner(history: StepColumns, { from, to, steps }: FinerSteps): StepColumns {
  const head = firstAtLeast(history.step, from);
  const tail = firstAtLeast(history.step, to + 1);
  const columns = columnNames.map((name) => {
    const column = history[name];
    const joined = new Float64Array(head + steps.length + column.length - tail);
    joined.set(column.subarray(0, head));
    joined.set(steps[name], head);
    joined.set(column.subarray(tail), head + steps.length);
    return [name, joined] as const;
  });
  const joined = Object.fromEntries(columns) as Omit<StepColumns, 'length'>;
  return { ...joined, length: joined.step.length };
}
