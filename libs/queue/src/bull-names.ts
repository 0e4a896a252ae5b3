/** BullMQ's name of the one queue a run has. */
export const QUEUE_NAME = 'shards';

/** What decides the slot of a run's keys, so that they are on one node of a Redis Cluster. */
export function slotTag(runId: string): string {
  return `lockstep-${runId}`;
}

/** The prefix of a run's keys. */
export function keyPrefix(runId: string): string {
  return `{${slotTag(runId)}}`;
}
