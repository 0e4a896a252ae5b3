import type { RunEvent, Shard, Verdict } from '@lockstep/core';
import type { ContributionHeader, ShardAttempt } from '@lockstep/protocol';
import type { Logger } from 'pino';

/** Where a process's log goes. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

/** A coordinator's structured log, with run, term, step, shard, attempt and worker. */
export interface RunLog {
  event(event: RunEvent): void;
  /** The queue is still lost, now for another reason. */
  queueStillLost(reason: string): void;
  queued(order: { shard: Shard; attempt: number; reason: string }): void;
  taken(shard: ShardAttempt, worker: string, verdict: Verdict | undefined): void;
  contributed(header: ContributionHeader, worker: string, verdict: Verdict, reason: string): void;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const nothing = (): void => undefined;

/** @param log absent: nothing is logged */
export function createRunLog(
  log: Log | undefined,
  { runId, term }: { readonly runId: string; readonly term: number },
): RunLog {
  if (!log) {
    return {
      ...{ event: nothing, queueStillLost: nothing, queued: nothing },
      ...{ taken: nothing, contributed: nothing },
    };
  }
  const run = log.child({ run: runId, term });
  return {
    event: (event) => {
      const { event: what, ...fields } = event;
      run[levelOf(event)](named(fields), what);
    },
    queueStillLost: (reason) => run.warn({ reason }, 'redis is still lost'),
    queued: ({ shard: { step, index: shard }, attempt, reason }) =>
      run.debug({ step, shard, attempt, reason }, 'queued'),
    taken: ({ step, index: shard, attempt }, worker, verdict) =>
      run.debug({ step, shard, attempt, worker, verdict }, 'taken'),
    contributed: ({ shard: { step, index: shard, attempt } }, worker, verdict, reason) =>
      run[contributionLevels[verdict] ?? 'warn'](
        { step, shard, attempt, worker, verdict, reason },
        'contributed',
      ),
  };
}

/** Late contributions are normal with stragglers, and those of a former term after a takeover. */
const contributionLevels: Partial<Record<Verdict, Level>> = {
  counted: 'debug',
  duplicate: 'debug',
  late: 'info',
  'stale-term': 'info',
};

function levelOf(event: RunEvent): Level {
  switch (event.event) {
    case 'step':
      return event.trainAccuracy === undefined ? 'debug' : 'info';
    case 'worker':
      return event.state === 'joined' || event.state === 'left' ? 'info' : 'warn';
    case 'state':
      return event.state === 'failed' ? 'error' : 'info';
    case 'alarm':
      return 'error';
    default:
      return 'info';
  }
}

/** The log's field names: an event's `index` and `id` are the log's `shard` and `worker`. */
function named({
  index,
  id,
  runId: _run,
  term: _term,
  ...fields
}: Record<string, unknown>): object {
  return {
    ...(index === undefined ? {} : { shard: index }),
    ...(id === undefined ? {} : { worker: id }),
    ...fields,
  };
}
