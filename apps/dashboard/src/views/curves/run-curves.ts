import { type Curve, numbersOf, type Points, type Range, smooth } from '../../charts/points.js';
import { mainMetric } from '../../format/metrics.js';
import { readAt } from '../../charts/reading.js';
import type { Evaluated } from '../../api/reply.js';
import type { StepColumns } from '../../data/step-columns.js';
import type { XAxis } from './read-choices.js';

/** The history of a run, with its name and colour. */
export interface DrawnRun {
  readonly name: string;
  readonly color: string;
  readonly steps: StepColumns;
  readonly evaluations: readonly Evaluated[];
}

/** Up to this number, values are marked by dots. */
const MOST_DOTS = 40;

/** A figure that is recorded per step. */
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

/** A figure of a run as a smoothed curve, with the raw values behind it. */
export function figureCurve(run: DrawnRun, figure: StepFigure, x: XAxis, smoothing: number): Curve {
  const raw = numbersOf(axisOf(run, x), run.steps[figure]);
  const { name, color } = run;
  if (smoothing <= 0) return { name, color, points: raw, dots: raw.x.length <= MOST_DOTS };
  return { name, color, points: { x: raw.x, y: smooth(raw.y, smoothing) }, raw };
}

/** The main metric on the test set, never smoothed. */
export function testCurve(run: DrawnRun, x: XAxis): Curve {
  return { name: run.name, color: run.color, dots: true, points: testPoints(run, x) };
}

function testPoints({ evaluations, steps }: DrawnRun, x: XAxis): Points {
  const begin = steps.at[0] ?? evaluations[0]?.at ?? 0;
  return {
    x: Float64Array.from(evaluations, ({ step, at }) => {
      if (x === 'step') return step;
      // An evaluation ends later than its step: use the time of the step.
      const steppedAt = readAt({ x: steps.step, y: steps.at }, step)?.y ?? at;
      return Math.max(0, steppedAt - begin) / 1_000;
    }),
    y: Float64Array.from(evaluations, (each) => mainMetric(each).value ?? Number.NaN),
  };
}
