import type { StepTimeline } from '../../api/reply.js';
import { Card } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';
import { median } from './step-timelines.js';

interface StepStripProps {
  /** In step order. */
  readonly steps: readonly StepTimeline[];
  readonly shown: number;
  readonly onChoose: (step: number) => void;
}

/** A step this many times longer than the median is marked. */
const SLOW = 2;
/** The tallest bar is at most this many times the median, since single steps may be outliers. */
const TALLEST = 4;

/** The newest steps as bars of their duration; one can be selected. */
export function StepStrip({ steps, shown, onChoose }: StepStripProps) {
  const middle = median(steps.map(({ wallMs }) => wallMs));
  const tallest = Math.min(TALLEST * middle, Math.max(...steps.map(({ wallMs }) => wallMs)));
  const at = steps.findIndex(({ step }) => step === shown);
  const { wallMs = 0 } = steps[at] ?? {};
  return (
    <Card
      title="Newest steps"
      aside={<span class="number">median {formatMilliseconds(middle)}</span>}
    >
      <div class="step-strip">
        <div class="bars" aria-hidden="true">
          {steps.map(({ step, wallMs: length }) => (
            <span
              key={step}
              class={`${length > SLOW * middle ? 'slow' : ''} ${step === shown ? 'shown' : ''}`}
              title={`step ${formatCount(step)}: ${formatMilliseconds(length)}`}
              style={{ height: `${Math.max(4, Math.min(100, (100 * length) / tallest))}%` }}
              onClick={() => onChoose(step)}
            />
          ))}
        </div>
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          value={at}
          aria-label="Step"
          aria-valuetext={`step ${formatCount(shown)}, ${formatMilliseconds(wallMs)}`}
          onInput={({ currentTarget: { value } }) => onChoose(steps[Number(value)]?.step ?? shown)}
        />
      </div>
    </Card>
  );
}
