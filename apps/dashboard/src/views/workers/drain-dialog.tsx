import { postJson } from '../../api/fetch-json.js';
import type { WorkerRow } from '../../api/reply.js';
import { steeringRefusal } from '../../app/steering.js';
import { store } from '../../data/store.js';
import { attempt, Confirm } from '../../design/index.js';

import { drainOutcome } from './drain-outcome.js';

export interface DrainDialogProps {
  readonly worker: WorkerRow;
  onDone(): void;
  onClose(): void;
}

/** Asks for confirmation before a worker is drained. */
export function DrainDialog({ worker, onDone, onClose }: DrainDialogProps) {
  const { id, host, pid } = worker;
  const drain = async (): Promise<void> => {
    await attempt('Draining', async () => {
      const { changed } = await postJson('/api/workers/{id}/drain', {}, { path: { id } });
      return changed ? `${host} · ${pid} leaves when its shard is done` : 'it was drained already';
    });
    onDone();
  };
  return (
    <Confirm
      title={`Drain ${host} · ${pid}?`}
      action="Drain"
      refusal={steeringRefusal.value}
      onConfirm={drain}
      onClose={onClose}
    >
      <p>
        The worker finishes its current shard, takes no other and leaves. The run continues with the
        remaining workers and comes to the same weights.
      </p>
      <p>{drainOutcome(store.run.value?.scaler ?? null)}</p>
    </Confirm>
  );
}
