import { postJson } from '../../api/fetch-json.js';
import type { WorkerRow } from '../../api/reply.js';
import { attempt, Confirm } from '../../design/index.js';

export interface DrainDialogProps {
  readonly worker: WorkerRow;
  onDone(): void;
  onClose(): void;
}

/** Asks before a worker is sent away. */
export function DrainDialog({ worker, onDone, onClose }: DrainDialogProps) {
  const { id, host, pid } = worker;
  const drain = async (): Promise<void> => {
    await attempt('Draining', async () => {
      const { changed } = await postJson('/api/workers/{id}/drain', {}, { path: { id } });
      return changed ? `${host} · ${pid} leaves when its shard is done` : 'it was asked before';
    });
    onDone();
  };
  return (
    <Confirm title={`Drain ${host} · ${pid}?`} action="Drain" onConfirm={drain} onClose={onClose}>
      <p>
        It finishes the shard in its hand, takes no other and leaves. The run goes on with the
        workers that stay and ends with the same weights; where local mode keeps a number of
        workers, another takes its place.
      </p>
    </Confirm>
  );
}
