import { LockstepError, type RunEvent } from '@lockstep/core';
import type { RedisAt } from '@lockstep/queue';
import { startRedis, type RunningRedis } from '@lockstep/runtime';
import { INTERRUPTED } from '../interrupt.js';
import { addressMessage } from './address-channel.js';
import { passOnStderr } from './child-stderr.js';
import { hasParent } from '../parent.js';
import { relayFailure } from '../report-error.js';
import { Child } from './child.js';
import { ControlRelay } from './control-channel.js';
import { answerScaleRequest } from './scale-channel.js';
import { WorkerPool } from './worker-pool.js';

export interface LocalRunOptions {
  /** Arguments of `lockstep coordinator`, without `--redis`, `--json` and those that say which run. */
  readonly coordinatorArgs: readonly string[];
  /** Those that say which run, for the first coordinator only: the next ones resume it. */
  readonly firstArgs: readonly string[];
  /** Arguments of `lockstep worker`, without `--id` and addresses. */
  readonly workerArgs: readonly string[];
  readonly workers: number;
  /** How many the coordinator waits for. */
  readonly minWorkers: number;
  readonly redis?: RedisAt;
  /** Called with each event of the run, and the line that it came in. */
  readonly onEvent: (event: RunEvent, line: string) => void;
  readonly onRedis: (redis: { kind: string; version: string }) => void;
  readonly onTrouble: (message: string) => void;
}

const STOP_GRACE_MS = 15_000;
/** A coordinator that is killed more often than this is not started again. */
const MOST_DEATHS = 100;
const WORKER_GRACE_MS = 5_000;
const HURRIED_GRACE_MS = 1_000;

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
  const abandoned = new AbortController();
  // In parallel: workers and coordinator load while Redis starts.
  const pool = new WorkerPool(options.workerArgs, options.minWorkers, {
    onTrouble: options.onTrouble,
    onNoneLeft: () => abandoned.abort(),
  });
  pool.scaleTo(options.workers);
  const relay = hasParent() ? new ControlRelay() : undefined;
  const redis = startRedis(options.redis === undefined ? {} : { url: options.redis });
  redis.then(options.onRedis, () => abandoned.abort());
  try {
    const ending = AbortSignal.any([signal, abandoned.signal]);
    // A supervisor's SIGTERM reaches the workers as well.
    ending.addEventListener('abort', () => pool.replaceNoMore(), { once: true });
    const code = await lead({ ...options, redis, pool, relay, ending, hurry });
    await redis;
    await pool.end(code === 0 ? WORKER_GRACE_MS : HURRIED_GRACE_MS);
    if (abandoned.signal.aborted) throw noWorkerLeft();
    if (typeof code === 'number') return code;
    // A coordinator that has hardly started has no handler yet and dies of the signal.
    if (signal.aborted) return INTERRUPTED;
    throw new LockstepError('run-failed', `the coordinator was killed (${code})`, {
      remedy: 'resume the run with --resume',
    });
  } finally {
    relay?.close();
    await pool.end(0);
    await redis.then(
      (running) => running.stop(),
      () => undefined,
    );
  }
}

/** A run being led by one coordinator after another. */
interface Leading extends Omit<LocalRunOptions, 'redis'> {
  readonly redis: Promise<RunningRedis>;
  readonly pool: WorkerPool;
  /** Passes control requests of the program that started this process; absent: none did. */
  readonly relay: ControlRelay | undefined;
  /** Aborted when the run is to end in good order. */
  readonly ending: AbortSignal;
  readonly hurry: AbortSignal;
}

/** What the next coordinator needs to know of the previous one. */
interface Told {
  listening?: Extract<RunEvent, { event: 'listening' }>;
  runId?: string;
}

/**
 * Starts a coordinator, and another one whenever it is killed.
 *
 * @returns the exit code, or the signal that ended the last one
 */
async function lead(leading: Leading): Promise<number | string> {
  const told: Told = {};
  for (let deaths = 1; ; deaths++) {
    const code = await runCoordinator(leading, told);
    const hasBegun = told.runId !== undefined && !leading.ending.aborted;
    if (typeof code === 'number' || !hasBegun || deaths > MOST_DEATHS) return code;
    leading.onTrouble(`the coordinator was killed (${code}); restarting`);
  }
}

/** One life of the coordinator. @returns its exit code, or the signal that ended it */
async function runCoordinator(leading: Leading, told: Told): Promise<number | string> {
  const { coordinatorArgs, firstArgs, redis, pool, relay, ending, hurry } = leading;
  const next = told.runId === undefined ? firstArgs : again(told);
  const args = ['coordinator', ...coordinatorArgs, ...next, '--json'];
  const coordinator = new Child(args, {
    onLine: (line) => hear(line, leading, told),
    onError: passOnStderr(),
    onMessage: (message) => {
      relayFailure(message);
      relay?.passBack(message);
      return answerScaleRequest(message, pool);
    },
  });
  relay?.passTo(coordinator);
  redis.then(
    ({ at }) => coordinator.send(addressMessage({ redis: at })),
    () => coordinator.kill('SIGKILL'),
  );
  const stop = (): void => {
    coordinator.kill('SIGTERM');
    setTimeout(() => coordinator.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  const end = (): void => {
    coordinator.kill('SIGKILL');
    pool.kill();
  };
  ending.addEventListener('abort', stop, { once: true });
  hurry.addEventListener('abort', end, { once: true });
  if (ending.aborted) stop();
  try {
    return await coordinator.ended;
  } finally {
    relay?.coordinatorGone();
    ending.removeEventListener('abort', stop);
    hurry.removeEventListener('abort', end);
  }
}

/** An event of the coordinator, as a line. */
function hear(line: string, { onEvent, pool, redis }: Leading, told: Told): void {
  const event = parseEvent(line);
  if (!event) return;
  onEvent(event, line);
  if (event.event === 'run-started') told.runId = event.runId;
  if (event.event === 'worker' && event.state === 'joined') pool.joined(event.id);
  if (event.event === 'state') pool.underWay();
  if (event.event !== 'listening') return;
  told.listening = event;
  const { grpc } = event;
  void redis.then(({ at }) => pool.connect({ coordinator: grpc, redis: at }));
}

function noWorkerLeft(): LockstepError {
  return new LockstepError('run-failed', 'no worker could be kept alive', {
    remedy: 'fix what their messages above say, and resume the run with --resume',
  });
}

/** Arguments that resume the run, at the addresses of the previous coordinator where they are free. */
function again({ runId, listening }: Told): string[] {
  if (runId === undefined || listening === undefined) return [];
  const http = listening.http === undefined ? [] : ['--http', new URL(listening.http).host];
  return ['--resume', runId, '--any-port', '--grpc', listening.grpc, ...http];
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Tells the coordinator's own lines from what a library or a model's native code prints. */
function isEvent(value: unknown): value is RunEvent {
  return typeof value === 'object' && value !== null && 'event' in value;
}
