import { LockstepError, type RunEvent } from '@lockstep/core';
import { startRedis } from '@lockstep/runtime';
import { startChild } from './child.js';
import { answerWish } from './scale-channel.js';
import { createWorkerPool } from './worker-pool.js';

export interface LocalRunOptions {
  /** Arguments of `lockstep coordinator`, without `--redis` and `--json`. */
  readonly coordinatorArgs: readonly string[];
  /** Arguments of `lockstep worker`, without `--redis`, `--coordinator` and `--id`. */
  readonly workerArgs: readonly string[];
  readonly workers: number;
  readonly redis?: string;
  /** Told of each event of the run, with the line it came in. */
  readonly onEvent: (event: RunEvent, line: string) => void;
  readonly onRedis: (redis: { kind: string; version: string }) => void;
  readonly onTrouble: (message: string) => void;
}

const STOP_GRACE_MS = 15_000;
const WORKER_GRACE_MS = 5_000;

/**
 * Trains on this machine: starts Redis, a coordinator and workers as processes of their own, and
 * ends them all, whatever happens.
 *
 * @param signal aborted to end the run in good order; aborted again by `hurry` to end it at once
 * @returns the exit code
 */
export async function runLocally(
  options: LocalRunOptions,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<number> {
  const redis = await startRedis(options.redis === undefined ? {} : { url: options.redis });
  try {
    options.onRedis(redis);
    return await lead(options, redis.url, signal, hurry);
  } finally {
    await redis.stop();
  }
}

async function lead(
  options: LocalRunOptions,
  redis: string,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<number> {
  let pool: ReturnType<typeof createWorkerPool> | undefined;
  const hear = (line: string): void => {
    const event = parseEvent(line);
    if (!event) return;
    options.onEvent(event, line);
    if (event.event === 'listening') {
      const args = [...options.workerArgs, '--redis', redis, '--coordinator', event.grpc];
      pool = createWorkerPool(args, options.onTrouble);
      pool.scaleTo(options.workers);
    }
  };
  const scaleTo = (workers: number): void => {
    if (!pool) throw new LockstepError('cannot-scale', 'no worker has been started yet');
    pool.scaleTo(workers);
  };
  const coordinator = startChild(
    ['coordinator', ...options.coordinatorArgs, '--redis', redis, '--json'],
    { onLine: hear, onMessage: (message) => answerWish(message, scaleTo) },
  );
  const stop = (): void => {
    coordinator.kill('SIGTERM');
    setTimeout(() => coordinator.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  const end = (): void => {
    coordinator.kill('SIGKILL');
    pool?.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  hurry.addEventListener('abort', end, { once: true });
  if (signal.aborted) stop();
  const code = await coordinator.ended;
  await pool?.end(code === 0 ? WORKER_GRACE_MS : 1_000);
  if (typeof code === 'number') return code;
  throw new LockstepError('run-failed', `the coordinator was ended by ${code}`, {
    remedy: 'go on with the run by --resume',
  });
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}
