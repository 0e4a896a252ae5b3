import type { RunEvent, Shard, Verdict } from '@lockstep/core';
import type { ContributionHeader, ShardAttempt } from '@lockstep/protocol';
import { LimitedLog, type Log } from './limited-log.js';

/** The logger of a process. */
/** A coordinator's structured log, with run, term, step, shard, attempt and worker. */
export class RunLog {
  readonly #log: Log | undefined;
  readonly #refusals: LimitedLog;

  /** @param log absent: nothing is logged */
  constructor(
    log: Log | undefined,
    { runId, term }: { readonly runId: string; readonly term: number },
  ) {
    this.#log = log?.child({ run: runId, term });
    this.#refusals = new LimitedLog(this.#log);
  }

  event(event: RunEvent): void {
    const { event: what, ...fields } = event;
    this.#log?.[levelOf(event)](named(fields), what);
  }

  /** The queue is still lost, now for another reason. */
  queueStillLost(reason: string): void {
    this.#log?.warn({ reason }, 'redis is still lost');
  }

  queued({ shard, attempt, reason }: { shard: Shard; attempt: number; reason: string }): void {
    const { step, index } = shard;
    this.#log?.debug({ step, shard: index, attempt, reason }, 'queued');
  }

  taken(shard: ShardAttempt, worker: string, verdict: Verdict | undefined): void {
    const { step, index, attempt } = shard;
    this.#log?.debug({ step, shard: index, attempt, worker, verdict }, 'taken');
  }

  contributed(
    { shard: { step, index: shard, attempt } }: ContributionHeader,
    worker: string,
    verdict: Verdict,
    reason: string,
  ): void {
    const fields = { step, shard, attempt, worker, verdict, reason };
    const level = contributionLevels[verdict] ?? 'warn';
    if (level === 'debug') this.#log?.debug(fields, 'contributed');
    else this.#refusals.write(level, verdict, fields, 'contributed');
  }
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Late contributions are normal with stragglers, and those of a former term after a takeover. */
const contributionLevels: Partial<Record<Verdict, 'debug' | 'info'>> = {
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
