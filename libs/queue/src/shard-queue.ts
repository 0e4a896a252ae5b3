import type { Availability } from '@lockstep/redis';
import type { ShardJob } from './shard-job.js';

/** How many jobs are where. */
export interface QueueCounts {
  /** Waiting for a worker, training and evaluation together. */
  readonly waiting: number;
  /** Delivered to a worker, or lost with it. */
  readonly active: number;
  /** Given back, and not available yet. */
  readonly delayed: number;
  /** The handler threw. */
  readonly failed: number;
}

export interface QueueHealth {
  readonly up: boolean;
  /** Milliseconds one round trip took. */
  readonly latencyMs?: number;
  /** Why it is not up. */
  readonly reason?: string;
}

/**
 * The coordinator's end of the queue of shards. Delivery is at least once: a job may come to two
 * workers, and a job may be lost with Redis, so the producer keeps a deadline.
 *
 * Methods never hang: they throw a LockstepError that names the state of a Redis that cannot be used
 * (`redis-unreachable`, `redis-not-ready`, `redis-refused`, …). The same call may then be made again, since a job queued twice is one job.
 */
export interface ShardQueue {
  /**
   * Queues jobs in order. Training goes before every evaluation, and a later attempt before a first
   * one. A job whose id is waiting or active already is left as it is.
   */
  enqueue(jobs: readonly ShardJob[]): Promise<void>;
  /** Forgets every job, delivered ones too: leftovers of an earlier term. */
  clear(): Promise<void>;
  counts(): Promise<QueueCounts>;
  /** Calls the listener at each change; returns a function that ends this. */
  onAvailability(listener: (change: Availability) => void): () => void;
  /** Whether Redis takes what the queue writes. Never throws. */
  health(): Promise<QueueHealth>;
  close(): Promise<void>;
}

/** `done`: forget the job. `give-back`: a worker, this one included, may take it a little later. */
export type ShardResult = 'done' | 'give-back';

export interface ShardContext {
  /** Aborted when the consumer closes: finish quickly or give back. */
  readonly signal: AbortSignal;
}

/**
 * Computes one shard. One that throws makes the job fail: it is not tried again by the queue, since
 * the coordinator's deadline does so.
 */
export type ShardHandler = (job: ShardJob, context: ShardContext) => Promise<ShardResult>;

/** A worker's end of the queue: calls the handler for one job at a time. */
export interface ShardConsumer {
  onAvailability(listener: (change: Availability) => void): () => void;
  /** Takes no further job, aborts the context's signal, and waits for the current job. */
  close(): Promise<void>;
}

export interface ConsumeOptions {
  /** Jobs that are `notFor` this id are passed on to other workers. */
  readonly workerId: string;
  readonly handler: ShardHandler;
  /** How long a job given back is not available, so that others can take it first. */
  readonly giveBackDelayMs?: number;
  /** Called with what the handler throws; the consumer goes on by itself. */
  readonly onError?: (error: unknown) => void;
  /** Called when Redis cannot be used and when it can be again; the consumer goes on by itself. */
  readonly onOutage?: (outage: Outage) => void;
}

/** Redis cannot be used for a while: each reason once when it is seen first, then its end. */
export type Outage =
  { readonly state: 'lost'; readonly reason: string } | { readonly state: 'back' };

/** By default. */
export const GIVE_BACK_DELAY_MS = 50;
