import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { CircleCheck, Unplug } from 'lucide';
import { hasEnded } from '../data/run-progress.js';
import { store } from '../data/store.js';
import { Icon } from '../design/index.js';
import { formatClock } from '../format/times.js';
import './connection-banner.css';

/** The first response usually arrives earlier. */
const OPENING_MS = 3_000;

/** Shows that the coordinator does not respond, and what the page does. */
export function ConnectionBanner() {
  const { state, heardAt } = store.connection.value;
  const slow = useSignal(false);
  useEffect(() => {
    slow.value = false;
    if (state !== 'opening') return;
    const timer = setTimeout(() => (slow.value = true), OPENING_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const run = store.run.value;
  const ended = run !== undefined && hasEnded(run);
  // An ended run no longer changes: only report that its coordinator has ended.
  const gone = ended
    ? state === 'lost'
    : state === 'lost' || state === 'silent' || (state === 'opening' && slow.value);
  return (
    <div role="status" aria-live="polite">
      {gone && (
        <div class={`connection-banner ${ended ? 'ended' : ''}`}>
          <Icon of={ended ? CircleCheck : Unplug} size={18} />
          {ended ? (
            <p>
              <strong>The run has ended, and so has its coordinator.</strong> The page shows the
              final state and updates when a new run starts at this address.
            </p>
          ) : (
            <p>
              <strong>{notResponding(heardAt)}</strong>{' '}
              {run ? 'The page shows the last known state' : 'No data received yet'}; it updates as
              soon as the coordinator responds.
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** In the coordinator's time, like all times of the page. */
function notResponding(heardAt: number | undefined): string {
  if (heardAt === undefined) return 'The coordinator is not responding.';
  return `The coordinator has not responded since ${formatClock(store.serverTime(heardAt))}.`;
}
