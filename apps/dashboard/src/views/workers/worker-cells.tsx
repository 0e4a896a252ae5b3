import { LogOut, ScrollText } from 'lucide';
import type { WorkerRow } from '../../api/reply.js';
import { mayControl } from '../../data/session.js';
import { controlRefusal, store } from '../../data/store.js';
import { Badge, Button, Prose } from '../../design/index.js';
import { formatBytes, formatCount, formatPercent, UNKNOWN } from '../../format/numbers.js';
import { formatAge, formatClock, formatMilliseconds } from '../../format/times.js';
import { hasLeft, workerStatus } from './worker-status.js';

interface WorkerCellsProps {
  readonly worker: WorkerRow;
  /** Samples per second of the fastest worker. */
  readonly fastest: number;
  /** Whether the run has ended. */
  readonly ended: boolean;
  readonly onLog: () => void;
  readonly onDrain: () => void;
}

/** One worker's row. */
export function WorkerCells({ worker, fastest, ended, onLog, onDrain }: WorkerCellsProps) {
  const { host, pid, id, shard, share } = worker;
  const gone = hasLeft(worker) || ended;
  return (
    <tr class={`${gone ? 'gone' : ''} ${worker.straggling && !gone ? 'straggling' : ''}`}>
      <th scope="row">
        {host} <span class="faint">· {pid}</span>
        <span class="below mono faint">
          {id} · {worker.backend}
        </span>
      </th>
      <td>
        <Status worker={worker} ended={ended} />
      </td>
      <td>
        <Share value={share} />
      </td>
      <td class="figure">
        {gone ? UNKNOWN : <Rate value={worker.samplesPerSecond} fastest={fastest} />}
      </td>
      <td class="number">
        {shard && !ended ? <CurrentShard shard={shard} /> : <span class="faint">none</span>}
      </td>
      <td class="figure">
        {formatCount(worker.countedShards)}
        <span class="below faint">{formatMilliseconds(worker.shardMs)} each</span>
      </td>
      <td class="figure">
        {formatCount(worker.reissues)}
        <Refusals refusals={worker.refusals} />
      </td>
      <td class="figure">
        {worker.cores === null ? UNKNOWN : worker.cores.toFixed(2)}
        <span class="below faint">
          {formatBytes(worker.rssBytes)}, {formatCount(worker.tensorCount)} tensors
        </span>
      </td>
      <td class="actions">
        <Actions worker={worker} gone={gone} onLog={onLog} onDrain={onDrain} />
      </td>
    </tr>
  );
}

/** The worker's state, with its reason or the time of its last heartbeat. */
function Status({ worker, ended }: Pick<WorkerCellsProps, 'worker' | 'ended'>) {
  const { name, tone } = workerStatus(worker, ended);
  const { reason, heartbeatAgeMs, lastSeenAt } = worker;
  return (
    <>
      <Badge tone={tone} {...(worker.state === 'ready' && !ended ? { dot: 'still' } : {})}>
        {name}
      </Badge>
      {reason !== null ? (
        <span class="below reason faint">
          <Prose text={reason} />
        </span>
      ) : ended ? null : store.isCurrent.value ? (
        <span class="below faint number">heartbeat {formatAge(heartbeatAgeMs)}</span>
      ) : (
        <span class="below faint number">last heartbeat {formatClock(lastSeenAt)}</span>
      )}
    </>
  );
}

function Actions({
  worker,
  gone,
  onLog,
  onDrain,
}: Pick<WorkerCellsProps, 'worker' | 'onLog' | 'onDrain'> & { readonly gone: boolean }) {
  const refusal = controlRefusal.value;
  const who = `${worker.host}, process ${worker.pid}`;
  return (
    <>
      <Button kind="quiet" icon={ScrollText} label={`Log of ${who}`} onClick={onLog} />
      {mayControl.value && !gone && (
        <Button
          kind="quiet"
          icon={LogOut}
          label={`Drain ${who}`}
          disabled={worker.draining || refusal !== undefined}
          {...(refusal === undefined ? {} : { title: refusal })}
          onClick={onDrain}
        />
      )}
    </>
  );
}

function Share({ value }: { readonly value: number }) {
  return (
    <span class="with-bar">
      <span class="bar" aria-hidden="true">
        <span style={{ scale: `${value} 1` }} />
      </span>
      <span class="number">{formatPercent(value, 1)}</span>
    </span>
  );
}

/** Relative to the fastest worker, so that slow ones stand out. */
function Rate({ value, fastest }: { readonly value: number; readonly fastest: number }) {
  return (
    <span class="with-bar">
      <span class="bar" aria-hidden="true">
        <span style={{ scale: `${fastest === 0 ? 0 : value / fastest} 1` }} />
      </span>
      <span class="number">{formatCount(value)}</span>
    </span>
  );
}

function CurrentShard({ shard }: { readonly shard: NonNullable<WorkerRow['shard']> }) {
  const { step, index, attempt } = shard;
  return (
    <>
      {formatCount(step)} <span class="faint">shard {index}</span>
      {attempt > 1 && <span class="below again">attempt {attempt}</span>}
    </>
  );
}

function Refusals({ refusals }: Pick<WorkerRow, 'refusals'>) {
  const reasons = Object.entries(refusals).filter(([, count]) => count > 0);
  const all = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.map(([reason, count]) => `${count} ${reason}`).join(', ');
  return (
    <span class="below why faint" title={why}>
      {why === '' ? 'none refused' : `${formatCount(all)} refused: ${why}`}
    </span>
  );
}
