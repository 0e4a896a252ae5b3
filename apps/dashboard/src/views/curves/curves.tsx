import { useSignal } from '@preact/signals';
import { ZoomOut } from 'lucide';
import { useMemo } from 'preact/hooks';
import { choose, place } from '../../app/router.js';
import type { RunReport } from '../../api/reply.js';
import { LineChart } from '../../charts/line-chart.js';
import type { ChartGroup } from '../../charts/chart-group.js';
import type { Curve } from '../../charts/points.js';
import { useThrottled } from '../../data/throttled.js';
import { store } from '../../data/store.js';
import { Button, Segmented } from '../../design/index.js';
import {
  formatCount,
  formatFigure,
  formatPercent,
  formatPercentTick,
  formatTick,
} from '../../format/numbers.js';
import { formatDuration, formatMilliseconds } from '../../format/times.js';
import './curves.css';
import { useFinerRuns } from './finer-runs.js';
import { useOtherRuns } from './other-runs.js';
import {
  DEFAULT_SMOOTHING,
  MOST_SMOOTHING,
  readChoices,
  writeRange,
  type CurveChoices,
} from './read-choices.js';
import { extentOf, figureCurve, testCurve, type DrawnRun, type StepFigure } from './run-curves.js';
import { RunPicker } from './run-picker.js';

/** Limits redraws of long curves. */
const REDRAW_MS = 400;

interface Chart {
  readonly title: string;
  readonly figure: StepFigure | 'test';
  /** Whether only a classification has it. */
  readonly ofClasses?: boolean;
  /** Whether the figure is noisy. */
  readonly smoothed: boolean;
  readonly format: (value: number) => string;
  readonly formatTick?: (value: number, step: number) => string;
  readonly highest?: number;
  /** Whether outliers are clipped. */
  readonly clipped?: boolean;
}

const charts: readonly Chart[] = [
  { title: 'Loss', figure: 'loss', smoothed: true, format: formatFigure, formatTick },
  {
    ...{ title: 'Test accuracy', figure: 'test', smoothed: false, ofClasses: true },
    ...{ format: (value) => formatPercent(value), formatTick: formatPercentTick, highest: 1 },
  },
  {
    ...{ title: 'Training accuracy', figure: 'trainAccuracy', smoothed: false, ofClasses: true },
    ...{ format: (value) => formatPercent(value), formatTick: formatPercentTick, highest: 1 },
  },
  {
    ...{ title: 'Throughput', figure: 'samplesPerSecond', smoothed: true },
    ...{ format: (value) => `${formatCount(value)} samples/s`, formatTick: formatCount },
  },
  {
    ...{ title: 'Step time', figure: 'stepMs', smoothed: true, clipped: true },
    format: formatMilliseconds,
  },
  {
    title: 'Learning rate',
    figure: 'learningRate',
    smoothed: false,
    format: formatFigure,
    formatTick,
  },
];

/** The charts of a run: a regression has its first metric in place of the accuracies. */
function chartsFor({ classes, metrics }: RunReport['spec']): readonly Chart[] {
  if (classes !== null) return charts;
  const title = `Test ${metrics[0] ?? 'metric'}`;
  const test: Chart = { title, figure: 'test', smoothed: false, format: formatFigure, formatTick };
  return charts.flatMap((chart) => {
    if (chart.figure === 'test') return [test];
    return chart.ofClasses === true ? [] : [chart];
  });
}

/** The run's metrics over steps or time, compared with other runs. */
export function Curves() {
  const choices = readChoices(place.value.params);
  const steps = useThrottled(store.steps, REDRAW_MS);
  const evaluations = store.evaluations.value;
  const run = store.run.value;
  const name = run?.runId ?? 'this run';
  const shown = useMemo(() => (run ? chartsFor(run.spec) : charts), [run?.spec.sha256]);
  const others = useOtherRuns(choices.runs);
  const whole = useMemo<readonly DrawnRun[]>(
    () => [{ name, color: '--series-1', steps, evaluations }, ...others],
    [name, steps, evaluations, others],
  );
  const runs = useFinerRuns(whole, choices.x, choices.range);
  const hover = useSignal<number | undefined>(undefined);
  const extent = useMemo(() => extentOf(whole, choices.x), [whole, choices.x]);
  const group: ChartGroup = {
    hover,
    extent,
    range: choices.range,
    onZoom: (range) => choose('range', range && writeRange(range)),
  };
  return (
    <div class="view curves">
      <div class="heading">
        <h1>Curves</h1>
        <Tools choices={choices} />
      </div>
      <div class="charts">
        {shown.map((chart) => (
          <RunChart key={chart.title} chart={chart} runs={runs} choices={choices} group={group} />
        ))}
      </div>
    </div>
  );
}

function RunChart({
  chart,
  runs,
  choices,
  group,
}: {
  readonly chart: Chart;
  readonly runs: readonly DrawnRun[];
  readonly choices: CurveChoices;
  readonly group: ChartGroup;
}) {
  const { x, log } = choices;
  const smoothing = chart.smoothed ? choices.smoothing : 0;
  const curves = useMemo(
    () => runs.map((run) => curveOf(run, chart, choices.x, smoothing)),
    [runs, chart, x, smoothing],
  );
  return (
    <LineChart
      title={chart.title}
      curves={curves}
      log={log && chart.figure !== 'learningRate'}
      group={group}
      formatX={x === 'step' ? (step) => `step ${formatCount(step)}` : formatDuration}
      formatXTick={x === 'step' ? formatCount : formatDuration}
      formatY={chart.format}
      clipped={chart.clipped === true}
      {...(chart.formatTick ? { formatTick: chart.formatTick } : {})}
      {...(chart.highest === undefined ? {} : { highest: chart.highest })}
    />
  );
}

function curveOf(run: DrawnRun, { figure }: Chart, x: CurveChoices['x'], smoothing: number): Curve {
  return figure === 'test' ? testCurve(run, x) : figureCurve(run, figure, x, smoothing);
}

function Tools({ choices }: { readonly choices: CurveChoices }) {
  const { x, smoothing, log, range } = choices;
  return (
    <div class="tools">
      {range && (
        <Button icon={ZoomOut} onClick={() => choose('range', undefined)}>
          Reset zoom
        </Button>
      )}
      <RunPicker chosen={choices.runs} />
      <label class="smoothing">
        Smoothing
        <input
          type="range"
          min={0}
          max={MOST_SMOOTHING}
          step={0.01}
          value={smoothing}
          onInput={({ currentTarget: { value } }) =>
            choose('smooth', Number(value) === DEFAULT_SMOOTHING ? undefined : value)
          }
        />
        <output class="number">{smoothing.toFixed(2)}</output>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={log}
          onChange={({ currentTarget: { checked } }) => choose('log', checked ? '1' : undefined)}
        />
        Log axis
      </label>
      <Segmented
        label="Horizontal axis"
        value={x}
        choices={[
          { value: 'step', text: 'Step' },
          { value: 'time', text: 'Time' },
        ]}
        onChoose={(value) => {
          choose('range', undefined);
          choose('x', value === 'step' ? undefined : value);
        }}
      />
    </div>
  );
}
