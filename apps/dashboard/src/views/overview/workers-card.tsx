import type { WorkerRow } from '../../api/reply.js';
import { hrefTo } from '../../app/place.js';
import { store } from '../../data/store.js';
import { usePolled } from '../../data/polled.js';
import { hasEnded } from '../../data/run-progress.js';
import { Badge, Card, EmptyState, Skeleton } from '../../design/index.js';
import { Cpu } from 'lucide';
import { formatCount, formatPercent } from '../../format/numbers.js';
import { NoWorkers } from '../workers/no-workers.js';
import { hasLeft, workerStatus } from '../workers/worker-status.js';
import './workers-card.css';

/** The workers and their shares of the samples. */
export function WorkersCard() {
  const polled = usePolled('/api/workers', { everyMs: 2_500, after: ['worker', 'state'] });
  const all = polled.value.value?.workers;
  const run = store.run.value;
  return (
    <Card title="Workers" aside={<a href={hrefTo('workers')}>Details</a>}>
      {run && hasEnded(run) ? (
        <EmptyState icon={Cpu} title="The run has ended">
          Its workers have left.
        </EmptyState>
      ) : !all ? (
        <Skeleton height={120} />
      ) : all.length === 0 ? (
        <NoWorkers />
      ) : (
        <ul class="worker-list">
          {all
            .filter((worker) => !hasLeft(worker))
            .map((worker) => (
              <WorkerLine key={worker.id} worker={worker} />
            ))}
        </ul>
      )}
    </Card>
  );
}

function WorkerLine({ worker }: { readonly worker: WorkerRow }) {
  const { tone, name } = workerStatus(worker, false);
  return (
    <li>
      <span class="name">
        {worker.host} <span class="faint">· {worker.pid}</span>
      </span>
      <Badge tone={tone}>{name}</Badge>
      <span class="number soft rate">{formatCount(worker.samplesPerSecond)} samples/s</span>
      <span class="bar" aria-hidden="true">
        <span style={{ scale: `${worker.share} 1` }} />
      </span>
      <span class="number soft share" title="share of the samples since it joined">
        {formatPercent(worker.share, 0)}
      </span>
    </li>
  );
}
