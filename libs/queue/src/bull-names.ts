/** BullMQ's name of the queue; the prefix of its keys distinguishes it from others. */
export const QUEUE_NAME = 'shards';

/**
 * The queue of one term of a run: every key in Redis carries its name, so that neither a superseded
 * coordinator nor that of a copied run folder can change the queue of another.
 *
 * @param termId unique to the term, also among copies of the run's folder
 */
export function queueOfTerm(runId: string, termId: string): string {
  return `${runId}-${termId}`;
}

/** What decides the slot of a queue's keys, so that they are on one node of a Redis Cluster. */
export function slotTag(queue: string): string {
  return `lockstep-${queue}`;
}

/** The prefix of a queue's keys. */
export function keyPrefix(queue: string): string {
  return `{${slotTag(queue)}}`;
}
