import { useSignal } from '@preact/signals';
import { Activity } from 'lucide';
import { ActivityList } from '../../activity/activity-list.js';
import type { RunEvent } from '../../api/run-events.js';
import { Card, Segmented } from '../../design/index.js';

const NOTHING_YET = {
  icon: Activity,
  title: 'No activity yet',
  text: 'Evaluations, checkpoints, workers and alarms appear here.',
};

type Filter = 'all' | 'workers' | 'training';

const filters: Readonly<Record<Filter, readonly RunEvent['event'][] | undefined>> = {
  all: undefined,
  workers: ['worker', 'state', 'run-started', 'scaled', 'alarm', 'run-finished'],
  training: ['evaluation', 'checkpoint', 'run-started', 'run-finished'],
};

/** The run's activity, under all of its coordinators. */
export function ActivityCard() {
  const filter = useSignal<Filter>('all');
  const only = filters[filter.value];
  return (
    <Card
      title="Activity"
      aside={
        <Segmented
          label="Events shown"
          value={filter.value}
          choices={[
            { value: 'all', text: 'All' },
            { value: 'workers', text: 'Workers' },
            { value: 'training', text: 'Training' },
          ]}
          onChoose={(value) => (filter.value = value)}
        />
      }
    >
      <ActivityList most={60} empty={NOTHING_YET} {...(only ? { only } : {})} />
    </Card>
  );
}
