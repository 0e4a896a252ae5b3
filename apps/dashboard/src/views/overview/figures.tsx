import { useMemo } from 'preact/hooks';
import type { RunReport } from '../../api/reply.js';
import { numbersOf, smooth } from '../../charts/points.js';
import { proportionateTop } from '../../charts/reading.js';
import { Sparkline } from '../../charts/sparkline.js';
import { useThrottled } from '../../data/throttled.js';
import { hasEnded } from '../../data/run-progress.js';
import type { StepColumns } from '../../data/step-columns.js';
import { store } from '../../data/store.js';
import { Stat } from '../../design/index.js';
import { mainMetric } from '../../format/metrics.js';
import { formatCount, formatFigure, formatPercent, UNKNOWN } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';

const REDRAW_MS = 1_000;
/** Strong enough to show a trend in a small chart. */
const SMOOTHING = 0.95;

type Figure = 'loss' | 'trainAccuracy' | 'samplesPerSecond' | 'stepMs';

/** The current figures, each with its history. */
export function Figures({ run }: { readonly run: RunReport }) {
  const steps = useThrottled(store.steps, REDRAW_MS);
  const evaluations = store.evaluations.value;
  const { lastEvaluation, workers, usefulWorkers, spec } = run;
  const present = workers.joining + workers.ready + workers.quarantined;
  const ended = hasEnded(run);
  return (
    <dl class="stats">
      <Stat label="Loss" value={formatFigure(run.loss)} note={lossNote(run)}>
        <StepSparkline steps={steps} figure="loss" label="Loss over the steps" color="--series-1" />
      </Stat>
      <Stat
        label={`Test ${spec.classes === null ? (spec.metrics[0] ?? 'metric') : 'accuracy'}`}
        value={lastEvaluation ? mainMetric(lastEvaluation).text : UNKNOWN}
        note={bestNote(run)}
      >
        <Sparkline
          label="Test results over the evaluations"
          color="var(--series-3)"
          points={{
            x: Float64Array.from(evaluations, ({ step }) => step),
            y: Float64Array.from(evaluations, (each) => mainMetric(each).value ?? Number.NaN),
          }}
        />
      </Stat>
      {spec.classes !== null && (
        <Stat
          label="Training accuracy"
          value={formatPercent(run.trainAccuracy)}
          note={trainingNote(run)}
        >
          <StepSparkline
            steps={steps}
            figure="trainAccuracy"
            label="Training accuracy over the steps"
            color="--series-5"
          />
        </Stat>
      )}
      <Stat
        label="Throughput"
        value={run.state === 'running' ? formatCount(run.samplesPerSecond) : UNKNOWN}
        unit="samples/s"
        note={
          run.state === 'running' ? `${formatCount(spec.batch)} samples per step` : 'not training'
        }
      >
        <StepSparkline
          steps={steps}
          figure="samplesPerSecond"
          label="Throughput over the steps"
          color="--series-2"
        />
      </Stat>
      <Stat
        label="Step time"
        value={formatMilliseconds(run.stepMs)}
        note={`${run.state === 'running' ? '' : 'last step, '}learning rate ${formatFigure(run.learningRate)}`}
      >
        <StepSparkline
          steps={steps}
          figure="stepMs"
          label="Step time over the steps"
          color="--series-7"
        />
      </Stat>
      <Stat
        label="Workers"
        value={ended ? UNKNOWN : formatCount(workers.ready)}
        {...(ended ? {} : { unit: `of ${formatCount(present)} ready` })}
        note={ended ? 'the run has ended' : `up to ${formatCount(usefulWorkers)} useful`}
      >
        {!ended && <Pips workers={workers} useful={usefulWorkers} />}
      </Stat>
    </dl>
  );
}

/** More would be too small to be distinguished. */
const MOST_PIPS = 48;

/** A mark for each worker, and an empty one for each further useful worker. */
function Pips({
  workers: { ready, joining, quarantined },
  useful,
}: {
  readonly workers: RunReport['workers'];
  readonly useful: number;
}) {
  const marks = [
    ...Array<string>(ready).fill('ready'),
    ...Array<string>(joining).fill('joining'),
    ...Array<string>(quarantined).fill('quarantined'),
  ];
  const free = Array<string>(Math.max(0, useful - marks.length)).fill('free');
  return (
    <div class="pips" aria-hidden="true">
      {[...marks, ...free].slice(0, MOST_PIPS).map((kind, index) => (
        <span key={index} class={kind} />
      ))}
    </div>
  );
}

function bestNote({ lastEvaluation: last, bestEvaluation: best, spec }: RunReport): string {
  if (!last || !best) return `of ${formatCount(spec.testCount)} test samples`;
  const at = `at step ${formatCount(last.step)}`;
  const kept = spec.selection?.keepBest ? ' (the model)' : '';
  if (best.step === last.step) return `${at}, best so far${kept}`;
  return `${at}; best ${mainMetric(best).text} at ${formatCount(best.step)}${kept}`;
}

function lossNote({ spec: { loss }, skippedSteps }: RunReport): string {
  const unit = loss.endsWith('cross-entropy') ? 'nats per sample' : loss;
  if (skippedSteps === 0) return unit;
  return `${unit}; ${formatCount(skippedSteps)} ${skippedSteps === 1 ? 'step' : 'steps'} skipped`;
}

function trainingNote({ trainAccuracyStep }: RunReport): string {
  return trainAccuracyStep === null
    ? 'every 100 steps'
    : `at step ${formatCount(trainAccuracyStep)}`;
}

function StepSparkline({
  steps,
  figure,
  label,
  color,
}: {
  readonly steps: StepColumns;
  readonly figure: Figure;
  readonly label: string;
  readonly color: string;
}) {
  const points = useMemo(() => {
    const { x, y } = numbersOf(steps.step, steps[figure]);
    if (figure === 'trainAccuracy') return { x, y };
    const top = figure === 'stepMs' ? (proportionateTop(y) ?? Infinity) : Infinity;
    return {
      x,
      y: smooth(top === Infinity ? y : y.map((value) => Math.min(top, value)), SMOOTHING),
    };
  }, [steps, figure]);
  return <Sparkline points={points} label={label} color={`var(${color})`} />;
}
