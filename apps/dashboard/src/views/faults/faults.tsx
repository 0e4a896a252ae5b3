import { Cpu, ExternalLink, ListChecks, ShieldCheck, TriangleAlert } from 'lucide';
import { ActivityList } from '../../activity/activity-list.js';
import type { Alarm, QueueReport } from '../../api/reply.js';
import { usePolled } from '../../data/polled.js';
import {
  Badge,
  Card,
  EmptyState,
  Icon,
  Prose,
  Skeleton,
  Stat,
  Table,
  type Column,
} from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { formatClock, formatMilliseconds } from '../../format/times.js';
import './faults.css';

const WORKER_EVENTS = ['worker', 'state', 'run-started', 'scaled'] as const;
const NO_WORKER = {
  icon: Cpu,
  title: 'No workers yet',
  text: 'Workers that join, leave, are lost or are refused appear here.',
};

/** The queue, reissued shards, alarms, and workers that joined or left. */
export function Faults() {
  const queue = usePolled('/api/queue', { everyMs: 2_000, after: ['reissue'] }).value.value;
  const alarms = usePolled('/api/alarms', { everyMs: 10_000, after: ['alarm', 'state'] }).value
    .value?.alarms;
  return (
    <div class="view faults">
      <div class="heading">
        <h1>Queue and faults</h1>
        {typeof queue?.board === 'string' && (
          <a
            class="button plain"
            href={queue.board.replace(/^\//, '')}
            target="_blank"
            rel="noopener"
          >
            <Icon of={ExternalLink} />
            Open queue inspector
          </a>
        )}
      </div>
      {queue ? <QueueFigures queue={queue} /> : <Skeleton height={96} />}
      <Card title="Alarms" aside={alarms && <ActiveCount alarms={alarms} />}>
        {!alarms ? (
          <Skeleton height={80} />
        ) : alarms.length === 0 ? (
          <EmptyState icon={ShieldCheck} title="None">
            No alarms in this run.
          </EmptyState>
        ) : (
          <ul class="alarms">
            {alarms.map((alarm) => (
              <AlarmItem key={`${alarm.code} ${alarm.at}`} alarm={alarm} />
            ))}
          </ul>
        )}
      </Card>
      <Card title="Joined and left">
        <ActivityList only={WORKER_EVENTS} most={100} empty={NO_WORKER} />
      </Card>
      {queue && <Reissues queue={queue} />}
    </div>
  );
}

function QueueFigures({ queue }: { readonly queue: QueueReport }) {
  const { redis, jobs, reissued } = queue;
  return (
    <dl class="stats">
      <Stat
        label="Redis"
        value={
          <Badge tone={redis.up ? 'good' : 'bad'} dot="still">
            {redis.up ? 'Connected' : 'Not responding'}
          </Badge>
        }
        note={redis.reason ?? `round trip ${formatMilliseconds(redis.latencyMs)}`}
      />
      <Stat label="Waiting" value={formatCount(jobs?.waiting)} note="for a worker" />
      <Stat label="Active" value={formatCount(jobs?.active)} note="at a worker" />
      <Stat label="Delayed" value={formatCount(jobs?.delayed)} note="to be retried" />
      <Stat label="Failed" value={formatCount(jobs?.failed)} note="reissued" />
      <Stat label="Reissued" value={formatCount(reissued)} note="since the run started" />
    </dl>
  );
}

function ActiveCount({ alarms }: { readonly alarms: readonly Alarm[] }) {
  const active = alarms.filter((alarm) => alarm.active).length;
  return active === 0 ? (
    <Badge tone="good">none active</Badge>
  ) : (
    <Badge tone="bad">{formatCount(active)} active</Badge>
  );
}

function AlarmItem({ alarm }: { readonly alarm: Alarm }) {
  const { code, message, remedy, at, active } = alarm;
  return (
    <li class={active ? 'active' : ''}>
      <Icon of={TriangleAlert} size={18} />
      <div>
        <p class="message">
          <Prose text={message} />
        </p>
        {remedy !== '' && (
          <p class="soft">
            <Prose text={remedy} />
          </p>
        )}
        <p class="faint number">
          <code>{code}</code> · {formatClock(at)} · {active ? 'active' : 'resolved'}
        </p>
      </div>
    </li>
  );
}

const columns: readonly Column[] = [
  { name: 'When' },
  { name: 'Step', figure: true },
  { name: 'Shard', figure: true },
  { name: 'Attempt', figure: true },
  { name: 'Reason' },
];

function Reissues({ queue }: { readonly queue: QueueReport }) {
  return (
    <Card title="Reissued shards" flush>
      {queue.lastReissues.length === 0 ? (
        <EmptyState icon={ListChecks} title="None">
          Every shard was computed on its first attempt.
        </EmptyState>
      ) : (
        <Table caption="The last 50 reissued shards, newest first" columns={columns}>
          {queue.lastReissues.map(({ step, index, attempt, reason, at }) => (
            <tr key={`${step} ${index} ${attempt}`}>
              <td class="number">{formatClock(at)}</td>
              <td class="figure">{formatCount(step)}</td>
              <td class="figure">{index}</td>
              <td class="figure">{attempt}</td>
              <td class="soft">
                <Prose text={reason} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
