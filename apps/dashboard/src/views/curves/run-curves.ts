import { numbersOf, type Points } from '../../charts/points.js';
import { readAt } from '../../charts/reading.js';
import { smooth } from '../../charts/smooth.js';
import type { Curve, Range } from '../../charts/plot.js';
import type { Evaluated } from '../../api/reply.js';
import type { StepColumns } from '../../data/step-columns.js';
import type { XAxis } from './read-choices.js';

/** The history of a run that is drawn. */
export interface DrawnRun {
  readonly name: string;
  readonly color: string;
  readonly steps: StepColumns;
  readonly evaluations: readonly Evaluated[];
}

/** So few values are seen one by one. */
const MOST_DOTS = 40;

/** A figure taken at steps. */
export type StepFigure = Exclude<keyof StepColumns, 'length' | 'step' | 'at'>;

/** The x of every step: its number, or the seconds since the run's first one. */
export function axisOf({ steps }: DrawnRun, x: XAxis): Float64Array {
  if (x === 'step') return steps.step;
  const begin = steps.at[0] ?? 0;
  return steps.at.map((at) => (at - begin) / 1_000);
}

/** The x axis from the first step of any run to the last. */
export function extentOf(runs: readonly DrawnRun[], x: XAxis): Range {
  const last = Math.max(1, ...runs.map((run) => axisOf(run, x).at(-1) ?? 0));
  return { from: 0, to: last };
}

/** One figure of a run as a curve, with the figure as it was taken behind it. */
export function figureCurve(run: DrawnRun, figure: StepFigure, x: XAxis, smoothing: number): Curve {
  const raw = numbersOf(axisOf(run, x), run.steps[figure]);
  const { name, color } = run;
  if (smoothing <= 0) return { name, color, points: raw, dots: raw.x.length <= MOST_DOTS };
  return { name, color, points: { x: raw.x, y: smooth(raw.y, smoothing) }, raw };
}

/** What the tests on unseen samples gave: never smoothed, every one counts. */
export function testCurve(run: DrawnRun, x: XAxis): Curve {
  return { name: run.name, color: run.color, dots: true, points: testPoints(run, x) };
}

function testPoints({ evaluations, steps }: DrawnRun, x: XAxis): Points {
  const begin = steps.at[0] ?? evaluations[0]?.at ?? 0;
  return {
    x: Float64Array.from(evaluations, ({ step, at }) => {
      if (x === 'step') return step;
      // An evaluation is over later than the step that it is of.
      const madeAt = readAt({ x: steps.step, y: steps.at }, step)?.y ?? at;
      return Math.max(0, madeAt - begin) / 1_000;
    }),
    y: Float64Array.from(evaluations, ({ testAccuracy }) => testAccuracy),
  };
}
