import { useSignal } from '@preact/signals';
import { Cpu } from 'lucide';
import type { WorkerRow } from '../../api/reply.js';
import { choose, place } from '../../app/router.js';
import { store } from '../../data/store.js';
import { usePolled } from '../../data/polled.js';
import { hasEnded as runHasEnded } from '../../data/run-progress.js';
import { EmptyState, Skeleton, Table, type Column } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { DrainDialog } from './drain-dialog.js';
import { LogDrawer } from './log-drawer.js';
import { NoWorkers } from './no-workers.js';
import { WorkerCells } from './worker-cells.js';
import { hasLeft } from './worker-status.js';
import './workers.css';

const columns: readonly Column[] = [
  { name: 'Worker' },
  { name: 'State' },
  { name: 'Share since joining' },
  { name: 'Samples/s', figure: true },
  { name: 'Current shard' },
  { name: 'Shards', figure: true },
  { name: 'Reissued, refused', figure: true },
  { name: 'Cores, memory', figure: true },
  { name: <span class="visually-hidden">Actions</span> },
];

/** All workers, with their figures. */
export function Workers() {
  const polled = usePolled('/api/workers', { everyMs: 2_000, after: ['worker', 'state'] });
  const draining = useSignal<WorkerRow | undefined>(undefined);
  const logOf = place.value.params.get('log');
  const report = polled.value.value;
  const problem = polled.error.value;
  const run = store.run.value;
  const ended = run !== undefined && runHasEnded(run);
  return (
    <div class="view workers">
      <div class="heading">
        <h1>Workers</h1>
        {report && !ended && <Summary workers={report.workers} useful={report.usefulWorkers} />}
      </div>
      {!report ? (
        problem ? (
          <EmptyState icon={Cpu} title="Workers not available">
            {ended ? 'The run and its coordinator have ended.' : problem.message}
          </EmptyState>
        ) : (
          <Skeleton height={200} />
        )
      ) : report.workers.length === 0 ? (
        <NoWorkers />
      ) : (
        <div class="card">
          <Table caption="Workers, one row each" columns={columns}>
            {inOrder(report.workers).map((worker) => (
              <WorkerCells
                key={worker.id}
                worker={worker}
                fastest={fastest(report.workers)}
                ended={ended}
                onLog={() => choose('log', worker.id)}
                onDrain={() => (draining.value = worker)}
              />
            ))}
          </Table>
        </div>
      )}
      {draining.value && (
        <DrainDialog
          worker={draining.value}
          onDone={() => void polled.refresh()}
          onClose={() => (draining.value = undefined)}
        />
      )}
      {logOf !== null && <LogDrawer id={logOf} onClose={() => choose('log', undefined)} />}
    </div>
  );
}

function Summary({
  workers,
  useful,
}: {
  readonly workers: readonly WorkerRow[];
  readonly useful: number;
}) {
  const present = workers.filter((worker) => !hasLeft(worker));
  const rate = present.reduce((sum, { samplesPerSecond }) => sum + samplesPerSecond, 0);
  const slow = present.filter(({ straggling }) => straggling).length;
  return (
    <p class="soft number">
      {formatCount(present.length)} connected, up to {formatCount(useful)} useful ·{' '}
      {formatCount(rate)} samples/s
      {slow > 0 && <strong class="slow"> · {formatCount(slow)} straggling</strong>}
    </p>
  );
}

/** Connected workers first. */
function inOrder(workers: readonly WorkerRow[]): readonly WorkerRow[] {
  return [...workers.filter((each) => !hasLeft(each)), ...workers.filter(hasLeft).toReversed()];
}

function fastest(workers: readonly WorkerRow[]): number {
  return Math.max(0, ...workers.map(({ samplesPerSecond }) => samplesPerSecond));
}
