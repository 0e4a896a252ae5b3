import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { CircleCheck, Unplug } from 'lucide';
import { hasEnded } from '../data/run-progress.js';
import { store } from '../data/store.js';
import { Icon } from '../design/index.js';
import { formatClock } from '../format/times.js';
import './connection-banner.css';

/** A short loss is mended before anybody could read of it. */
const PATIENCE_MS = 700;

/** Says when the coordinator is gone, and what the page does about it. */
export function ConnectionBanner() {
  const { state, since } = store.connection.value;
  const late = useSignal(false);
  useEffect(() => {
    late.value = false;
    if (state !== 'lost') return;
    const timer = setTimeout(() => (late.value = true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const gone = state === 'lost' && late.value;
  const run = store.run.value;
  const ended = run !== undefined && hasEnded(run);
  return (
    <div role="status" aria-live="polite">
      {gone && (
        <div class={`connection-banner ${ended ? 'ended' : ''}`}>
          <Icon of={ended ? CircleCheck : Unplug} size={18} />
          {ended ? (
            <p>
              <strong>The run has ended, and its coordinator with it.</strong> You see how it ended;
              the page follows when another run is led here.
            </p>
          ) : (
            <p>
              <strong>The coordinator does not answer since {formatClock(since)}.</strong> You see
              what was last known; the page comes back by itself.
            </p>
          )}
        </div>
      )}
    </div>
  );
}
