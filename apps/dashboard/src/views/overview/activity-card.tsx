import { Activity } from 'lucide';
import { ActivityList } from '../../activity/activity-list.js';
import { Card } from '../../design/index.js';

const NOTHING_YET = {
  icon: Activity,
  title: 'Nothing yet',
  text: 'Evaluations, checkpoints, workers and alarms appear here.',
};

/** What happened, whoever led the run. */
export function ActivityCard() {
  return (
    <Card title="Activity">
      <ActivityList most={60} empty={NOTHING_YET} />
    </Card>
  );
}
