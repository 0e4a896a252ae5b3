import { setTimeout as delay } from 'node:timers/promises';
import { LockstepError } from '@lockstep/core';
import {
  classifyRedisFailure,
  isReply,
  nameFailure,
  proveWritable,
  withinDeadline,
  type RedisAddress,
  type RedisClient,
} from '@lockstep/redis';
import type { Worker } from 'bullmq';
import type { Outage } from './shard-queue.js';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const DEADLINE_MS = 5_000;

export interface OutageParts {
  readonly worker: Pick<Worker, 'pause' | 'resume'>;
  readonly client: RedisClient;
  readonly address: RedisAddress;
  readonly tag: string;
  readonly closing: AbortSignal;
  readonly onOutage: (outage: Outage) => void;
}

/**
 * Turns the errors of a BullMQ worker into outages of its Redis, each with a beginning and an end.
 *
 * BullMQ tries again without a pause where Redis answers with an error, and reports every attempt.
 * During such an outage the worker takes no job, and one command asks, with back-off, whether
 * Redis takes writes again. A lost connection is ioredis's to restore, with its own back-off.
 */
export class OutageWatch {
  readonly #parts: OutageParts;
  /** Those reported of the present outage; undefined where there is none. */
  #reasons: Set<string> | undefined;
  #isPaused = false;

  constructor(parts: OutageParts) {
    this.#parts = parts;
  }

  /** To be called with every error of the worker and of its client. */
  observe(error: unknown): void {
    const { worker, client, address, closing } = this.#parts;
    // Among a worker's errors are those of its handler and of jobs that it has lost.
    if (closing.aborted || classifyRedisFailure(error).state === 'UNKNOWN') return;
    const begins = this.#reasons === undefined;
    this.#reasons ??= new Set();
    this.#report(nameFailure(error, address, client).message);
    if (isReply(error) && !this.#isPaused) {
      this.#isPaused = true;
      void worker.pause(true);
    }
    if (begins) this.#end().catch(() => undefined); // the consumer is closed
  }

  #report(reason: string): void {
    const { closing, onOutage } = this.#parts;
    if (closing.aborted || this.#reasons?.has(reason)) return;
    this.#reasons?.add(reason);
    onOutage({ state: 'lost', reason });
  }

  /** Waits for the end of the outage. */
  async #end(): Promise<void> {
    await this.#untilUsable();
    this.#reasons = undefined;
    this.#parts.onOutage({ state: 'back' });
    if (!this.#isPaused) return;
    this.#isPaused = false;
    await this.#parts.worker.resume();
  }

  async #untilUsable(): Promise<void> {
    const { client, address, tag, closing } = this.#parts;
    let waitMs = FIRST_RETRY_MS;
    for (;;) {
      await delay(waitMs, undefined, { signal: closing, ref: false });
      // The client would only keep a command until it has connected again.
      if (client.status !== 'ready') continue;
      try {
        return await withinDeadline(proveWritable(client, { tag }), DEADLINE_MS, address, client);
      } catch (error) {
        this.#report(LockstepError.from(error).message);
      }
      waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS);
    }
  }
}
