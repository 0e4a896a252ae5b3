import { postJson } from '../../api/fetch-json.js';
import type { RunReport, WorkerRow } from '../../api/reply.js';
import { controlRefusal, store } from '../../data/store.js';
import { runAction, Confirm } from '../../design/index.js';

interface DrainDialogProps {
  readonly worker: WorkerRow;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Asks for confirmation before a worker is drained. */
export function DrainDialog({ worker, onDone, onClose }: DrainDialogProps) {
  const { id, host, pid } = worker;
  const drain = async (): Promise<void> => {
    await runAction('Draining', async () => {
      const { changed } = await postJson('/api/workers/{id}/drain', {}, { path: { id } });
      return changed ? `${host} · ${pid} leaves when its shard is done` : 'it was already draining';
    });
    onDone();
  };
  return (
    <Confirm
      title={`Drain ${host} · ${pid}?`}
      action="Drain"
      refusal={controlRefusal.value}
      onConfirm={drain}
      onClose={onClose}
    >
      <p>
        The worker finishes its current shard, takes no further one and leaves. The run continues
        with the remaining workers and ends with the same weights.
      </p>
      <p>{drainOutcome(store.run.value?.scaler ?? null)}</p>
    </Confirm>
  );
}

/** The consequence of draining a worker, depending on how workers are started. */
export function drainOutcome(scaler: RunReport['scaler']): string {
  if (scaler?.kind === 'local') {
    return 'It is not replaced: the number of workers is reduced by one. “+” on the overview starts another.';
  }
  if (scaler?.kind === 'kubernetes') {
    const target = scaler.target ?? 'the workers’ deployment';
    return `If it is a pod of ${target}, the target is scaled down by one, so that Kubernetes starts no replacement.`;
  }
  return 'Lockstep starts no replacement. A supervisor that restarts the process, such as systemd or a Kubernetes Deployment, would restart it.';
}
