import { useMemo } from 'preact/hooks';
import type { RunReport } from '../../api/reply.js';
import { createChartGroup } from '../../charts/chart-group.js';
import { LazyLineChart } from '../../charts/lazy-line-chart.js';
import { useThrottled } from '../../data/throttled.js';
import { store } from '../../data/store.js';
import {
  formatCount,
  formatFigure,
  formatPercent,
  formatPercentTick,
  formatTick,
} from '../../format/numbers.js';
import { figureCurve, testCurve } from '../curves/run-curves.js';

const REDRAW_MS = 500;
const SMOOTHING = 0.9;

const step = (value: number): string => `step ${formatCount(value)}`;

const SHARES = {
  formatY: (share: number) => formatPercent(share),
  formatTick: formatPercentTick,
  highest: 1,
};
const FIGURES = { formatY: formatFigure, formatTick };

/** Loss and accuracy of the run; the first metric of a regression. */
export function OverviewCharts({ spec: { classes, metrics } }: Pick<RunReport, 'spec'>) {
  const steps = useThrottled(store.steps, REDRAW_MS);
  const evaluations = store.evaluations.value;
  const hover = useMemo(createChartGroup, []);
  const group = useMemo(
    () => ({ ...hover, extent: { from: 0, to: steps.step.at(-1) ?? 1 } }),
    [steps],
  );
  const loss = useMemo(
    () => [figureCurve(drawn('Loss, smoothed', '--series-1'), 'loss', 'step', SMOOTHING)],
    [steps],
  );
  const accuracy = useMemo(
    () => [
      figureCurve(drawn('Training', '--series-5'), 'trainAccuracy', 'step', 0),
      testCurve(drawn('Test', '--series-3'), 'step'),
    ],
    [steps, evaluations],
  );
  return (
    <div class="charts">
      <LazyLineChart
        title="Loss"
        curves={loss}
        group={group}
        formatX={step}
        formatXTick={formatCount}
        formatY={formatFigure}
        formatTick={formatTick}
      />
      <LazyLineChart
        title={classes === null ? `Test ${metrics[0] ?? 'metric'}` : 'Accuracy'}
        curves={classes === null ? accuracy.slice(1) : accuracy}
        group={group}
        formatX={step}
        formatXTick={formatCount}
        {...(classes === null ? FIGURES : SHARES)}
      />
    </div>
  );

  function drawn(name: string, color: string) {
    return { name, color, steps, evaluations };
  }
}
