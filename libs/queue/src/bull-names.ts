/** BullMQ's name of the one queue a run has. */
export const QUEUE_NAME = 'shards';

/** The prefix of a run's keys: the braces keep them on one node of a Redis Cluster. */
export function keyPrefix(runId: string): string {
  return `{lockstep-${runId}}`;
}
