import type { IconNode } from 'lucide';
import type { RunEvent } from '../api/run-events.js';
import { reasonText } from '../app/run-words.js';
import { controlRefusal, store } from '../data/store.js';
import { EmptyState, Prose } from '../design/index.js';
import { formatClock } from '../format/times.js';
import './activity-list.css';
import { activityEntries } from './activity-entries.js';

interface ActivityListProps {
  /** The events that are listed; all of them if absent. */
  readonly only?: readonly RunEvent['event'][];
  readonly most: number;
  /** Shown while there are no entries. */
  readonly empty: { readonly icon: IconNode; readonly title: string; readonly text: string };
}

/** The run's activity, newest first. */
export function ActivityList({ only, most, empty }: ActivityListProps) {
  const shown = activityEntries(
    store.activity.value.filter(({ event }) => only?.includes(event) ?? true),
  ).slice(0, most);
  if (shown.length === 0) {
    return (
      <EmptyState icon={empty.icon} title={empty.title}>
        {empty.text}
      </EmptyState>
    );
  }
  return (
    <ol class="activity" tabindex={0} aria-label="Newest first">
      {shown.map(({ at, tone, what, detail }) => (
        <li key={`${at} ${what}`}>
          <time class="number faint" dateTime={new Date(at).toISOString()}>
            {formatClock(at)}
          </time>
          <span class={`mark ${tone}`} aria-hidden="true" />
          <span>
            {what}{' '}
            <span class="faint">
              <Prose text={reasonText(detail, controlRefusal.value === undefined)} />
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
