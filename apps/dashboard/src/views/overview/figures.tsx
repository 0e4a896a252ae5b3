import { useMemo } from 'preact/hooks';
import type { Evaluated, RunReport } from '../../api/reply.js';
import { numbersOf } from '../../charts/points.js';
import { smooth } from '../../charts/smooth.js';
import { Sparkline } from '../../charts/sparkline.js';
import { useCalm } from '../../data/calm.js';
import type { StepColumns } from '../../data/step-columns.js';
import { store } from '../../data/store.js';
import { Stat } from '../../design/index.js';
import { formatCount, formatFigure, formatPercent } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';

const REDRAW_MS = 1_000;
/** Enough that a trend shows in so small a picture. */
const SMOOTHING = 0.95;

type Figure = 'loss' | 'trainAccuracy' | 'samplesPerSecond' | 'stepMs';

/** The figures of now, each with how it came to be. */
export function Figures({ run }: { readonly run: RunReport }) {
  const steps = useCalm(store.steps, REDRAW_MS);
  const evaluations = store.evaluations.value;
  const { lastEvaluation, bestEvaluation, workers, usefulWorkers, spec } = run;
  const present = workers.joining + workers.ready + workers.quarantined;
  return (
    <dl class="stats">
      <Stat label="Loss" value={formatFigure(run.loss)} note="nats a sample">
        <StepSparkline steps={steps} figure="loss" label="Loss over the steps" color="--series-1" />
      </Stat>
      <Stat
        label="Test accuracy"
        value={formatPercent(lastEvaluation?.testAccuracy)}
        note={bestNote(lastEvaluation, bestEvaluation, spec.testCount)}
      >
        <Sparkline
          label="Test accuracy over the evaluations"
          color="var(--series-3)"
          points={{
            x: Float64Array.from(evaluations, ({ step }) => step),
            y: Float64Array.from(evaluations, ({ testAccuracy }) => testAccuracy),
          }}
        />
      </Stat>
      <Stat
        label="Training accuracy"
        value={formatPercent(run.trainAccuracy)}
        note="every 100th step"
      >
        <StepSparkline
          steps={steps}
          figure="trainAccuracy"
          label="Training accuracy over the steps"
          color="--series-5"
        />
      </Stat>
      <Stat
        label="Throughput"
        value={formatCount(run.samplesPerSecond)}
        unit="samples/s"
        note={`${formatCount(spec.batch)} samples a step`}
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
        note={`learning rate ${formatFigure(run.learningRate)}`}
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
        value={formatCount(workers.ready)}
        unit={`of ${formatCount(present)} ready`}
        note={`work for ${formatCount(usefulWorkers)}`}
      >
        <Pips workers={workers} useful={usefulWorkers} />
      </Stat>
    </dl>
  );
}

/** More would be too small to be counted by eye. */
const MOST_PIPS = 48;

/** A mark for each worker, and an empty one for each that would still be of use. */
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

function bestNote(last: Evaluated | null, best: Evaluated | null, testCount: number): string {
  if (!last || !best) return `of ${formatCount(testCount)} unseen images`;
  if (best.step === last.step) return `best, at step ${formatCount(best.step)}`;
  return `best ${formatPercent(best.testAccuracy)}, step ${formatCount(best.step)}`;
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
    return { x, y: figure === 'trainAccuracy' ? y : smooth(y, SMOOTHING) };
  }, [steps, figure]);
  return <Sparkline points={points} label={label} color={`var(${color})`} />;
}
