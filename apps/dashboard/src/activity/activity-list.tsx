import type { IconNode } from 'lucide';
import type { RunEvent } from '../api/run-events.js';
import { reasonText } from '../app/reason-text.js';
import { steeringRefusal } from '../app/steering.js';
import { store } from '../data/store.js';
import { EmptyState, Prose } from '../design/index.js';
import { formatClock } from '../format/times.js';
import './activity-list.css';
import { happeningsOf } from './happenings.js';

export interface ActivityListProps {
  /** Which events are listed; all of them where it is absent. */
  readonly only?: readonly RunEvent['event'][];
  readonly most: number;
  /** What stands there while nothing has happened. */
  readonly empty: { readonly icon: IconNode; readonly title: string; readonly text: string };
}

/** What happened in the run, the newest first. */
export function ActivityList({ only, most, empty }: ActivityListProps) {
  const shown = happeningsOf(
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
              <Prose text={reasonText(detail, steeringRefusal.value === undefined)} />
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
