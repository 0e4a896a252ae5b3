import { firstAtLeast } from '../../charts/points.js';
import type { Range } from '../../charts/plot.js';
import { columnNames, type StepColumns } from '../../data/step-columns.js';

/** Steps from one to another, both among them. */
export interface StepWindow {
  readonly from: number;
  readonly to: number;
}

/** Steps in a part of a run, closer to each other than in its whole history. */
export interface FinerSteps extends StepWindow {
  readonly steps: StepColumns;
  /** Whether every step that is known is among them. */
  readonly complete: boolean;
}

/**
 * The part of a range in which steps are left away; undefined where none is. Steps that came while
 * the page was open are all there, so that the part stays as it is while a run goes on.
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

/** Whether nothing finer is to be had of a window. */
export function covers(finer: FinerSteps | undefined, { from, to }: StepWindow): boolean {
  if (!finer || finer.from > from || finer.to < to) return false;
  return finer.complete || (finer.from === from && finer.to === to);
}

/** A history with finer steps in the place of its own. */
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
