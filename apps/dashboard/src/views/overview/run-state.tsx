import type { RunReport } from '../../api/reply.js';
import { reasonText, stateNames, stateTones } from '../../app/run-words.js';
import { StateBadge } from '../../app/state-badge.js';
import { controlRefusal, store } from '../../data/store.js';
import { hasEnded, secondsLeft } from '../../data/run-progress.js';
import { Prose } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { formatClock, formatDate, formatDuration } from '../../format/times.js';
import './run-state.css';

/** The run's state, its reason and the progress. */
export function RunState({ run }: { readonly run: RunReport }) {
  const { state, reason, step, steps } = run;
  const share = steps === 0 ? 0 : Math.min(1, step / steps);
  const tone = store.isCurrent.value ? stateTones[state] : 'neutral';
  const hasButtons = controlRefusal.value === undefined;
  return (
    <section class={`run-state ${tone}`} aria-label="State of the run">
      <div class="words">
        <StateBadge run={run} />
        <p class="reason">
          <Prose text={reasonText(reason, hasButtons)} />
        </p>
        <p class="faint number">{since(run)}</p>
      </div>
      <div
        class="bar"
        role="progressbar"
        aria-label="Steps done"
        aria-valuemin={0}
        aria-valuemax={steps}
        aria-valuenow={step}
      >
        <div style={{ scale: `${share} 1` }} />
      </div>
      <div class="figures number">
        <p>
          <strong>{formatCount(step)}</strong>{' '}
          <span class="soft">of {formatCount(steps)} steps</span>
        </p>
        <p class="soft">{(100 * share).toFixed(1)} %</p>
        <p class="soft">{ahead(run)}</p>
        {run.spec.selection && <p class="soft">{selectionText(run.spec.selection)}</p>}
      </div>
    </section>
  );
}

function since(run: RunReport): string {
  const at = formatClock(run.since);
  return hasEnded(run) ? `${stateNames[run.state].toLowerCase()} at ${at}` : `since ${at}`;
}

/** How evaluations end the run and choose its model. */
function selectionText({
  earlyStopping,
  keepBest,
}: NonNullable<RunReport['spec']['selection']>): string {
  const parts = [
    ...(earlyStopping === undefined
      ? []
      : [
          `ends after ${earlyStopping === 1 ? 'one evaluation' : `${formatCount(earlyStopping)} evaluations`} without a better one`,
        ]),
    ...(keepBest ? ['keeps the best version'] : []),
  ];
  return parts.join(', ');
}

function ahead(run: RunReport): string {
  if (hasEnded(run)) return `started ${formatDate(run.createdAt)}`;
  if (!store.isCurrent.value) return 'time left unknown';
  const left = secondsLeft(run);
  return left === undefined ? 'not training' : `${formatDuration(left)} left`;
}
