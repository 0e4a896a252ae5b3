import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { FollowEvent, ProtocolClient } from '@lockstep/protocol';
import { consumeBullQueue, type Outage, type RedisAt, type ShardConsumer } from '@lockstep/queue';
import { noTracer } from '@lockstep/tracing';
import { createShardWork } from './compute-shard.js';
import { startHeartbeats } from './heartbeats.js';
import type { HeldState } from './held-state.js';
import type { LogTail } from './log-tail.js';
import type { Membership } from './membership.js';
import type { WorkerEvent, WorkerOptions } from './worker-options.js';

/**
 * How a session ended: the coordinator asked the worker to leave, a signal did, the run has ended, or
 * the worker should register again.
 */
export type SessionEnd =
  | { readonly kind: 'released' | 'interrupted'; readonly reason: string }
  | {
      readonly kind: 'run-ended';
      readonly state: 'finished' | 'stopped' | 'failed';
      readonly reason: string;
    }
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * Follows the coordinator, takes shards and answers them, until the run is over, the worker is
 * drained, or the connection breaks.
 *
 * @param drain aborted when this worker should finish its shard and leave
 */
export async function runSession(parts: {
  readonly options: WorkerOptions;
  readonly redis: RedisAt;
  readonly engine: Engine;
  readonly client: ProtocolClient;
  readonly held: HeldState;
  readonly membership: Membership;
  readonly heartbeatIntervalMs: number;
  readonly log: LogTail;
  readonly drain: AbortSignal;
}): Promise<SessionEnd> {
  const { options, engine, client, held, membership, drain } = parts;
  const { session } = membership;
  const ending = new AbortController();
  const streaming = new AbortController();
  const end = (reason: SessionEnd): void => ending.abort(reason);
  const broken = (reason: string): void => end({ kind: 'broken', reason });
  const drained = (reason: string): void => {
    options.onEvent({ what: 'draining', reason });
    end({ kind: 'released', reason });
  };
  const leave = (): void => end({ kind: 'interrupted', reason: String(drain.reason) });

  const work = createShardWork({
    engine,
    client,
    held,
    membership,
    tracer: options.tracer ?? noTracer,
    contributed: ({ step, index, attempt }, { verdict, message: reason }, cost) => {
      const place = { step, index, attempt };
      options.onEvent({ what: 'contributed', ...place, verdict, ...cost });
      if (verdict === 'unknown-session') broken(reason);
      if (verdict !== 'counted' && verdict !== 'duplicate') {
        options.onEvent({ what: 'refused-contribution', ...place, verdict, reason });
      }
    },
    failed: (error) => {
      if (ending.signal.aborted) return; // nobody waits for this answer any more
      options.onEvent({ what: 'trouble', reason: LockstepError.from(error).message });
    },
  });
  let ready = false;
  let consumer: ShardConsumer | undefined;
  const beReady = (version: number): void => {
    if (ready || ending.signal.aborted) return;
    ready = true;
    options.onEvent({ what: 'ready', version });
    heartbeats.beatNow();
    consumer = consumeBullQueue({
      redis: parts.redis,
      runId: membership.runId,
      workerId: options.id,
      handler: (job, context) => work.handle(job, context),
      onOutage: (outage) => options.onEvent(outageEvent(outage)),
    });
  };
  const heartbeats = startHeartbeats({
    client,
    engine,
    session,
    intervalMs: parts.heartbeatIntervalMs,
    version: () => (ready ? held.version : undefined),
    currentShard: () => work.currentShard,
    log: parts.log,
    unknown: () => broken('the coordinator does not know this session'),
    measured: (tensors) => options.onEvent({ what: 'memory', tensors }),
  });

  // The stream stays open until all is handed in: a shard in hand may need its next update, and a
  // worker whose stream breaks before it has said good-bye counts as lost.
  const finish = async (): Promise<void> => {
    await consumer?.close();
    await work.sent();
    const { kind, reason: why } = ending.signal.reason as SessionEnd;
    const reason = kind === 'run-ended' ? 'the run is over' : why;
    heartbeats.beatNow(); // brings the last lines of the log
    if (kind !== 'broken') await client.leave({ session, reason }).catch(() => undefined);
    streaming.abort();
  };
  let finishing: Promise<void> = Promise.resolve();
  ending.signal.addEventListener('abort', () => void (finishing = finish()), {
    once: true,
  });
  drain.addEventListener('abort', leave, { once: true });
  if (drain.aborted) leave();

  try {
    const holding = await held.holding();
    for await (const event of client.follow({ session, ...holding }, streaming.signal)) {
      await receive(event, held, beReady, drained, end);
    }
    broken('the coordinator ended the stream');
  } catch (error) {
    const { code, message } = LockstepError.from(error);
    // Whatever is wrong with the state, a snapshot mends it.
    if (code !== 'coordinator-unreachable') held.forget();
    broken(message);
  } finally {
    await finishing;
    heartbeats.end();
    drain.removeEventListener('abort', leave);
  }
  return ending.signal.reason as SessionEnd;
}

function outageEvent(outage: Outage): WorkerEvent {
  return outage.state === 'lost'
    ? { what: 'redis-lost', reason: outage.reason }
    : { what: 'redis-back' };
}

async function receive(
  event: FollowEvent,
  held: HeldState,
  beReady: (version: number) => void,
  drained: (reason: string) => void,
  end: (reason: SessionEnd) => void,
): Promise<void> {
  switch (event.kind) {
    case 'snapshot':
      return held.load(event);
    case 'factors':
      return held.keepFactors(event, event.factored);
    case 'update':
      return held.apply(event);
    case 'up-to-date':
      return beReady(event.version);
    case 'run-status':
      if (event.state === 'finished' || event.state === 'stopped' || event.state === 'failed') {
        const { state } = event;
        end({ kind: 'run-ended', state, reason: `the run has ${state}: ${event.reason}` });
      }
      return undefined;
    case 'drain':
      return drained(event.reason);
    case 'refused':
      return end({ kind: 'broken', reason: event.message });
  }
}
