import { ChartGantt, Download } from 'lucide';
import { addressOf } from '../../api/fetch-json.js';
import type { StepTimeline } from '../../api/reply.js';
import { choose, place } from '../../app/router.js';
import { usePolled } from '../../data/polled.js';
import { Card, EmptyState, Icon, Skeleton } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';
import { Lanes } from './lanes.js';
import { newestSteps } from './step-timelines.js';
import { PhaseTable } from './phase-table.js';
import { StepStrip } from './step-strip.js';
import './timeline.css';

const POLL_MS = 2_000;

/** The phases of a step, by worker. */
export function Timeline() {
  const asked = place.value.params.get('step');
  const polled = usePolled('/api/timeline', {
    ...(asked === null ? { everyMs: POLL_MS } : {}),
    incremental: newestSteps,
  });
  const steps = polled.value.value?.steps;
  const newest = steps?.at(-1);
  const shown = steps?.find(({ step }) => String(step) === asked) ?? newest;
  return (
    <div class="view timeline">
      <div class="heading">
        <h1>Timeline</h1>
        {shown && steps && <Tools asked={asked} shown={shown} steps={steps} />}
      </div>
      {!steps ? (
        <>
          <Skeleton height={120} />
          <Skeleton height={220} />
        </>
      ) : !shown ? (
        <EmptyState icon={ChartGantt} title="No steps yet">
          The newest 200 steps appear here.
        </EmptyState>
      ) : (
        <>
          {asked !== null && String(shown.step) !== asked && (
            <p class="soft">
              Step {asked} is no longer available; this is step {formatCount(shown.step)}.
            </p>
          )}
          <StepStrip steps={steps} shown={shown.step} onChoose={chooseStep} />
          <Card
            title={`Step ${formatCount(shown.step)}`}
            aside={
              <span class="number">
                {formatMilliseconds(shown.wallMs)} · critical shard {shown.criticalShard}
              </span>
            }
          >
            <Lanes timeline={shown} />
          </Card>
          <PhaseTable shown={shown} steps={steps} />
        </>
      )}
    </div>
  );
}

function chooseStep(step: number | undefined): void {
  choose('step', step === undefined ? undefined : String(step));
}

function Tools({
  asked,
  shown,
  steps,
}: {
  readonly asked: string | null;
  readonly shown: StepTimeline;
  readonly steps: readonly StepTimeline[];
}) {
  const [from, to] = [steps[0]?.step ?? 0, steps.at(-1)?.step ?? 0];
  return (
    <div class="tools">
      <label class="check">
        <input
          type="checkbox"
          checked={asked === null}
          onChange={({ currentTarget: { checked } }) =>
            chooseStep(checked ? undefined : shown.step)
          }
        />
        Follow the newest step
      </label>
      <a
        class="button plain"
        href={addressOf('/api/trace', { query: { from, to } })}
        download={`lockstep-trace-${from}-${to}.json`}
        title="Open it in ui.perfetto.dev or chrome://tracing"
      >
        <Icon of={Download} />
        Trace for Perfetto
      </a>
    </div>
  );
}
