import type { RunReport } from '../../api/reply.js';
import { stateNames, stateTones } from '../../app/state-words.js';
import { hasEnded, secondsLeft } from '../../data/run-progress.js';
import { store } from '../../data/store.js';
import { Badge } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { formatClock, formatDate, formatDuration } from '../../format/times.js';
import './run-state.css';

/** How the run stands and why, and how far it is. */
export function RunState({ run }: { readonly run: RunReport }) {
  const { state, reason, since, step, steps } = run;
  const share = steps === 0 ? 0 : step / steps;
  const live = state === 'running' && store.connection.value.state === 'live';
  return (
    <section class={`run-state ${stateTones[state]}`} aria-label="State of the run">
      <div class="words">
        <Badge tone={stateTones[state]} dot={live ? 'live' : 'still'}>
          {stateNames[state]}
        </Badge>
        <p class="reason">{reason}</p>
        <p class="faint number">since {formatClock(since)}</p>
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
      </div>
    </section>
  );
}

function ahead(run: RunReport): string {
  const left = secondsLeft(run);
  if (left !== undefined) return `${formatDuration(left)} left`;
  return hasEnded(run) ? `begun ${formatDate(run.createdAt)}` : 'no steps are made just now';
}
