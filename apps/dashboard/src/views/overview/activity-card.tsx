import { computed } from '@preact/signals';
import { Activity } from 'lucide';
import { useMemo } from 'preact/hooks';
import { usePolled } from '../../data/polled.js';
import { store } from '../../data/store.js';
import { Card, EmptyState } from '../../design/index.js';
import { formatClock } from '../../format/times.js';
import './activity-card.css';
import { happenings } from './happenings.js';

const MOST_SHOWN = 40;

/** What happened, the newest first. */
export function ActivityCard() {
  const checkpoints = usePolled('/api/checkpoints');
  const alarms = usePolled('/api/alarms');
  const shown = useMemo(
    () =>
      computed(() =>
        happenings({
          live: store.activity.value,
          evaluations: store.evaluations.value,
          checkpoints: checkpoints.value.value?.checkpoints ?? [],
          alarms: alarms.value.value?.alarms ?? [],
        }).slice(0, MOST_SHOWN),
      ),
    [checkpoints, alarms],
  );
  return (
    <Card title="Activity">
      {shown.value.length === 0 ? (
        <EmptyState icon={Activity} title="Nothing yet">
          Evaluations, checkpoints, workers and alarms appear here.
        </EmptyState>
      ) : (
        <ol class="activity" tabindex={0} aria-label="Newest first">
          {shown.value.map(({ key, at, tone, what, detail }) => (
            <li key={key}>
              <time class="number faint" dateTime={new Date(at).toISOString()}>
                {formatClock(at)}
              </time>
              <span class={`mark ${tone}`} aria-hidden="true" />
              <span>
                {what} <span class="faint">{detail}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
