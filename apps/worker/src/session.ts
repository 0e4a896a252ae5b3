import { once } from 'node:events';
import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { FollowEvent, ProtocolClient, ShardAttempt, SubmitOutcome } from '@lockstep/protocol';
import type { Outage, RedisAt, ShardConsumer } from '@lockstep/queue';
import { noTracer } from '@lockstep/tracing';
import { ShardWork, type ShardCost } from './compute-shard.js';
import { Heartbeats } from './heartbeats.js';
import type { Membership } from './join-run.js';
import type { LogTail } from './log-tail.js';
import type { HeldState } from './state/held-state.js';
import type { WorkerEvent, WorkerOptions } from './worker-options.js';
import type { WorkerPorts } from './ports.js';

/** How a session ended. */
export type SessionEnd =
  /** The coordinator asked the worker to leave. */
  | { readonly kind: 'released'; readonly reason: string }
  /** The worker's own process did. */
  | { readonly kind: 'interrupted'; readonly reason: string }
  | {
      readonly kind: 'run-ended';
      readonly state: 'finished' | 'stopped' | 'failed';
      readonly reason: string;
    }
  /** The worker should register again. */
  | { readonly kind: 'broken'; readonly reason: string };

export interface SessionParts {
  readonly options: Pick<WorkerOptions, 'tracer'>;
  readonly ports: Pick<WorkerPorts, 'clock' | 'process' | 'consumeQueue'>;
  readonly redis: RedisAt;
  readonly engine: Engine;
  readonly client: ProtocolClient;
  readonly held: HeldState;
  readonly membership: Membership;
  readonly heartbeatIntervalMs: number;
  readonly log: LogTail;
  /** Aborted when this worker should finish its shard and leave. */
  readonly drain: AbortSignal;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * One membership in a run: follows the coordinator's update stream, takes shards and contributes,
 * until the run is over, the worker is drained, or the connection breaks.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #work: ShardWork;
  readonly #heartbeats: Heartbeats;
  #consumer: ShardConsumer | undefined;
  /** Why the session ends; the first reason counts. */
  #end: SessionEnd | undefined;
  /** Aborted once `#end` is known. */
  readonly #ending = new AbortController();

  constructor(parts: SessionParts) {
    const { options, ports, engine, client, held, log, membership, onEvent } = parts;
    this.#parts = parts;
    this.#work = new ShardWork({
      ...{ clock: ports.clock, engine, client, held, membership },
      tracer: options.tracer ?? noTracer,
      onVerdict: (shard, outcome, cost) => this.#judged(shard, outcome, cost),
      onFailure: (error) => {
        if (this.#end) return; // the session is given up already
        onEvent({ what: 'warning', reason: LockstepError.from(error).message });
      },
    });
    this.#heartbeats = new Heartbeats({
      ...{ clock: ports.clock, process: ports.process, client, engine, log },
      session: membership.session,
      intervalMs: parts.heartbeatIntervalMs,
      status: () => ({
        version: this.#consumer && held.version,
        shard: this.#work.currentShard,
      }),
      onUnknown: () => this.#broken('the coordinator does not know this session'),
      onMeasured: (tensors) => onEvent({ what: 'memory', tensors }),
    });
  }

  /** Whether this session received the complete state and began to take shards. */
  get wasReady(): boolean {
    return this.#consumer !== undefined;
  }

  /** Runs the session to its end. */
  async run(): Promise<SessionEnd> {
    const { drain } = this.#parts;
    const interrupt = (): void =>
      this.#endWith({ kind: 'interrupted', reason: String(drain.reason) });
    drain.addEventListener('abort', interrupt, { once: true });
    if (drain.aborted) interrupt();
    this.#heartbeats.start();
    const streaming = new AbortController();
    try {
      const following = this.#follow(streaming.signal);
      const end = await this.#untilEnding();
      await this.#finish(end);
      streaming.abort();
      await following;
      return end;
    } finally {
      this.#heartbeats.stop();
      drain.removeEventListener('abort', interrupt);
    }
  }

  /** Receives the update stream until the signal is aborted; when it ends before, the session is broken. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, held, membership } = this.#parts;
    const { session } = membership;
    try {
      const holding = await held.holding();
      for await (const event of client.follow({ session, ...holding }, signal)) {
        await this.#receive(event);
      }
      this.#broken('the coordinator ended the stream');
    } catch (error) {
      const { code, message } = LockstepError.from(error);
      // The state cannot be trusted: the next session begins with a snapshot.
      if (code !== 'coordinator-unreachable' && code !== 'too-many-requests') held.forget();
      this.#broken(message);
    }
  }

  async #receive(event: FollowEvent): Promise<void> {
    const { held, onEvent } = this.#parts;
    switch (event.kind) {
      case 'snapshot':
        return held.load(event);
      case 'factors':
        return held.keepFactors(event, event.factored);
      case 'update':
        return held.apply(event);
      case 'up-to-date':
        return this.#takeShards(event.version);
      case 'run-status':
        if (event.state === 'finished' || event.state === 'stopped' || event.state === 'failed') {
          const reason = `the run has ${event.state}: ${event.reason}`;
          this.#endWith({ kind: 'run-ended', state: event.state, reason });
        }
        return undefined;
      case 'drain':
        onEvent({ what: 'draining', reason: event.reason });
        return this.#endWith({ kind: 'released', reason: event.reason });
      case 'refused':
        return this.#broken(event.message);
    }
  }

  /** The state is complete: from now on this worker computes. */
  #takeShards(version: number): void {
    const { ports, redis, membership, onEvent } = this.#parts;
    if (this.#consumer || this.#end) return;
    onEvent({ what: 'ready', version });
    this.#consumer = ports.consumeQueue({
      ...{ redis, queue: membership.queue, workerId: membership.workerId },
      handler: (job, context) => this.#work.handle(job, context),
      onError: (error) => onEvent({ what: 'warning', reason: LockstepError.from(error).message }),
      onOutage: (outage) => onEvent(outageEvent(outage)),
    });
    this.#heartbeats.beatNow();
  }

  #judged(shard: ShardAttempt, { verdict, message: reason }: SubmitOutcome, cost: ShardCost): void {
    const { onEvent } = this.#parts;
    const { step, index, attempt } = shard;
    const place = { step, index, attempt };
    onEvent({ what: 'contributed', ...place, verdict, ...cost });
    if (verdict === 'unknown-session') this.#broken(reason);
    if (verdict !== 'counted' && verdict !== 'duplicate') {
      onEvent({ what: 'refused-contribution', ...place, verdict, reason });
    }
  }

  #broken(reason: string): void {
    this.#endWith({ kind: 'broken', reason });
  }

  #endWith(end: SessionEnd): void {
    this.#end ??= end;
    this.#ending.abort();
  }

  async #untilEnding(): Promise<SessionEnd> {
    while (!this.#end) await once(this.#ending.signal, 'abort');
    return this.#end;
  }

  /**
   * Finishes the shards in progress. The stream stays open meanwhile: a shard may need its next update,
   * and a worker whose stream closes before it has called Leave counts as lost.
   */
  async #finish(end: SessionEnd): Promise<void> {
    const { client, membership } = this.#parts;
    const { session } = membership;
    await this.#consumer?.close();
    await this.#work.uploaded();
    this.#heartbeats.beatNow(); // with the last lines of the log
    const reason = end.kind === 'run-ended' ? 'the run is over' : end.reason;
    if (end.kind !== 'broken') await client.leave({ session, reason }).catch(() => undefined);
  }
}

function outageEvent(outage: Outage): WorkerEvent {
  return outage.state === 'lost'
    ? { what: 'redis-lost', reason: outage.reason }
    : { what: 'redis-back' };
}
