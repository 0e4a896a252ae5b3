import { queueOfTerm, type RedisAt, type ShardQueue } from '@lockstep/queue';
import type { CoordinatorPorts } from '../ports.js';
import type { OpenedRun } from './open-run.js';

/** The queue of a coordinator's term, and how it ends. */
export interface TermQueue {
  readonly queue: ShardQueue;
  /** Clears the queue: a Redis that outlives the run keeps none of its jobs. */
  readonly end: () => Promise<void>;
}

/**
 * Opens the queue of this term's shards, which no other term uses, and clears that of the term before,
 * whose coordinator may have died.
 */
export function openTermQueue(
  { openQueue }: Pick<CoordinatorPorts, 'openQueue'>,
  redis: RedisAt,
  { queueName, lock, folder }: Pick<OpenedRun, 'queueName' | 'lock' | 'folder'>,
): TermQueue {
  const queue = openQueue(redis, queueName);
  const { previousId } = lock;
  const { runId } = folder.record;
  const cleared =
    previousId !== undefined && clear(openQueue(redis, queueOfTerm(runId, previousId)));
  return {
    queue,
    end: async () => {
      await clear(queue);
      await cleared;
    },
  };
}

async function clear(queue: ShardQueue): Promise<void> {
  await queue.clear().catch(() => undefined);
  await queue.close();
}
