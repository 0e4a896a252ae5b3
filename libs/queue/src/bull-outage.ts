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

/**
 * Turns the errors of a BullMQ worker into outages of its Redis, each with a beginning and an end.
 *
 * BullMQ tries again without a pause where Redis answers with an error, and reports every attempt.
 * During such an outage the worker takes no job, and one command asks, with back-off, whether
 * Redis takes writes again. A lost connection is ioredis's to restore, with its own back-off.
 *
 * @returns to be called with every error of the worker and of its client
 */
export function watchOutages(parts: {
  readonly worker: Pick<Worker, 'pause' | 'resume'>;
  readonly client: RedisClient;
  readonly address: RedisAddress;
  readonly tag: string;
  readonly closing: AbortSignal;
  readonly onOutage: (outage: Outage) => void;
}): (error: unknown) => void {
  const { worker, client, address, tag, closing } = parts;
  let reasons: Set<string> | undefined;
  let paused = false;

  const say = (reason: string): void => {
    if (closing.aborted || reasons?.has(reason)) return;
    reasons?.add(reason);
    parts.onOutage({ state: 'lost', reason });
  };

  const untilUsable = async (): Promise<void> => {
    let waitMs = FIRST_RETRY_MS;
    for (;;) {
      await delay(waitMs, undefined, { signal: closing, ref: false });
      // The client would only keep a command until it has connected again.
      if (client.status !== 'ready') continue;
      try {
        return await withinDeadline(proveWritable(client, { tag }), DEADLINE_MS, address, client);
      } catch (error) {
        say(LockstepError.from(error).message);
      }
      waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS);
    }
  };

  const wait = async (): Promise<void> => {
    await untilUsable();
    reasons = undefined;
    parts.onOutage({ state: 'back' });
    if (!paused) return;
    paused = false;
    await worker.resume();
  };

  return (error) => {
    // Among a worker's errors are those of its handler and of jobs that it has lost.
    if (closing.aborted || classifyRedisFailure(error).state === 'UNKNOWN') return;
    const begins = reasons === undefined;
    reasons ??= new Set();
    say(nameFailure(error, address, client).message);
    if (isReply(error) && !paused) {
      paused = true;
      void worker.pause(true);
    }
    if (begins) wait().catch(() => undefined); // the consumer is closed
  };
}
