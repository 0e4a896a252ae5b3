import { LockstepError, type RunEvent } from '@lockstep/core';
import { startRedis } from '@lockstep/runtime';
import { startChild } from './child.js';
import { answerWish } from './scale-channel.js';
import { createWorkerPool, type WorkerPool } from './worker-pool.js';

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
/** A coordinator that is killed more often than this is not started again. */
const MOST_DEATHS = 100;
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

/** What is known of a run once its coordinator has told. */
interface Known {
  listening?: Extract<RunEvent, { event: 'listening' }>;
  runId?: string;
  pool?: WorkerPool;
  /** Set once no worker can be kept alive. */
  abandoned?: boolean;
}

async function lead(
  options: LocalRunOptions,
  redis: string,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<number> {
  const known: Known = {};
  const ending = (): boolean => signal.aborted || known.abandoned === true;
  for (let deaths = 1; ; deaths++) {
    const code = await runCoordinator(options, redis, known, signal, hurry);
    const mayGoOn = typeof code === 'string' && known.runId !== undefined && !ending();
    if (mayGoOn && deaths <= MOST_DEATHS) {
      options.onTrouble(`the coordinator was ended by ${code}; it is started again and goes on`);
      continue;
    }
    await known.pool?.end(code === 0 ? WORKER_GRACE_MS : 1_000);
    if (known.abandoned) throw noWorkerLeft();
    if (typeof code === 'number') return code;
    throw new LockstepError('run-failed', `the coordinator was ended by ${code}`, {
      remedy: 'go on with the run by --resume',
    });
  }
}

/** One life of the coordinator. @returns its exit code, or the signal that ended it */
async function runCoordinator(
  options: LocalRunOptions,
  redis: string,
  known: Known,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<number | string> {
  const hear = (line: string): void => {
    const event = parseEvent(line);
    if (!event) return;
    options.onEvent(event, line);
    if (event.event === 'run-started') known.runId = event.runId;
    if (event.event !== 'listening') return;
    known.listening = event;
    if (known.pool) return; // workers find a coordinator that comes back by themselves
    const args = [...options.workerArgs, '--redis', redis, '--coordinator', event.grpc];
    const onNoneLeft = (): void => {
      known.abandoned = true;
      stop();
    };
    known.pool = createWorkerPool(args, { onTrouble: options.onTrouble, onNoneLeft });
    known.pool.scaleTo(options.workers);
  };
  const scaleTo = (workers: number): void => {
    if (!known.pool) throw new LockstepError('cannot-scale', 'no worker has been started yet');
    known.pool.scaleTo(workers);
  };
  const args = ['coordinator', ...options.coordinatorArgs, ...again(known), '--redis', redis];
  const coordinator = startChild([...args, '--json'], {
    onLine: hear,
    onMessage: (message) => answerWish(message, scaleTo),
  });
  const stop = (): void => {
    coordinator.kill('SIGTERM');
    setTimeout(() => coordinator.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  const end = (): void => {
    coordinator.kill('SIGKILL');
    known.pool?.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  hurry.addEventListener('abort', end, { once: true });
  if (signal.aborted) stop();
  try {
    return await coordinator.ended;
  } finally {
    signal.removeEventListener('abort', stop);
    hurry.removeEventListener('abort', end);
  }
}

function noWorkerLeft(): LockstepError {
  return new LockstepError('run-failed', 'no worker could be kept alive', {
    remedy: 'see above what they said, mend that, and go on with the run by --resume',
  });
}

/** The arguments that take up a run where a coordinator left it, at the addresses it had. */
function again({ runId, listening }: Known): string[] {
  if (runId === undefined || listening === undefined) return [];
  const http = listening.http === undefined ? [] : ['--http', new URL(listening.http).host];
  return ['--resume', runId, '--grpc', listening.grpc, ...http];
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}
