import { hostname } from 'node:os';
import { LockstepError, type RunEvent } from '@lockstep/core';
import { startEngine } from '@lockstep/engine';
import { createProtocolServer, LARGEST_PAYLOAD_BYTES } from '@lockstep/protocol';
import { createBullQueue, type ShardQueue } from '@lockstep/queue';
import { checkRedis } from '@lockstep/runtime';
import { removeAddress, writeAddress } from './address-file.js';
import { systemClock } from './clock.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { startHttpSide } from './http/http-side.js';
import { leadRun, type Outcome } from './lead-run.js';
import { openRun } from './open-run.js';
import { openRunFolder } from './store/run-folder.js';
import { createService, type ServiceParts } from './service.js';

/** A coordinator at work. */
export interface Coordinator {
  /** Resolves when the run has finished or was stopped; rejects when it failed. */
  readonly outcome: Promise<Outcome>;
  /** Ends the run in good order: saves the state, tells the workers, and stops. */
  stop(reason: string): void;
}

/**
 * Starts a coordinator. It listens at once, so that workers can load meanwhile, and checks all that
 * can be wrong with the request before it writes anything.
 */
export function startCoordinator(options: CoordinatorOptions): Coordinator {
  const stopping = new AbortController();
  return {
    outcome: run(options, stopping),
    stop: (reason) => stopping.abort(reason),
  };
}

async function run(given: CoordinatorOptions, stopping: AbortController): Promise<Outcome> {
  let admit: (parts: ServiceParts) => void = () => undefined;
  let turnAway: (error: unknown) => void = () => undefined;
  const ready = new Promise<ServiceParts>((resolve, reject) => {
    admit = resolve;
    turnAway = reject;
  });
  ready.catch(() => undefined);
  const cleanup: (() => Promise<unknown>)[] = [];
  let superseded = false;
  try {
    const threads = await threadsOf(given);
    const http = await startHttpSide(given, stopping);
    cleanup.push(() => http.close());
    const onEvent = (event: RunEvent): void => {
      http.push(event);
      given.onEvent(event);
    };
    const options = { ...given, onEvent };
    await checkRedis(options.redis);
    const server = await createProtocolServer(createService(ready), {
      address: options.grpc,
      maxPayloadBytes: LARGEST_PAYLOAD_BYTES,
    });
    let closing: Promise<void> | undefined;
    const closeServer = (): Promise<void> => (closing ??= server.close(1_000));
    cleanup.push(closeServer);
    const addresses = {
      grpc: server.address,
      ...(http.url === undefined ? {} : { http: http.url }),
    };
    onEvent({ event: 'listening', ...addresses });
    // TensorFlow takes longest: it loads while the data are read, and not for an address that is bad.
    const starting = startEngine({ threads });
    starting.catch(() => undefined);
    cleanup.push(async () => (await starting).close());
    const opened = await openRun(options, starting);
    const engine = await starting;
    cleanup.push(async () => {
      await closeServer();
      await removeAddress(opened.folder.disk).catch(() => undefined);
      opened.log.close();
      opened.ledger.close();
      await opened.lock.release();
    });
    const { runId } = opened.folder.record;
    const { term } = opened.lock;
    const here = { host: hostname(), pid: process.pid };
    await writeAddress(opened.folder.disk, { runId, term, ...addresses, ...here });
    const queue: ShardQueue = createBullQueue({ redis: options.redis, runId });
    cleanup.push(async () => {
      if (!superseded) await forget(queue, closeServer).catch(() => undefined);
      await queue.close();
    });
    const begin = (service: ServiceParts): void => {
      http.show({ folder: opened.folder, service, queue });
      admit(service);
    };
    const parts = { options, engine, opened, queue, clock: systemClock };
    return await leadRun(parts, stopping.signal, begin).finally(() => http.ended());
  } catch (error) {
    superseded = LockstepError.from(error).code === 'run-locked';
    turnAway(cannotBegin(error));
    throw LockstepError.from(error);
  } finally {
    for (const undo of cleanup.reverse()) await undo().catch(() => undefined);
  }
}

/** A Redis that outlives the run keeps nothing of it, once the workers have gone. */
async function forget(queue: ShardQueue, closeServer: () => Promise<void>): Promise<void> {
  await closeServer();
  await queue.clear();
}

/** Workers that have come already wait for another coordinator, and need not say again what is wrong. */
function cannotBegin(cause: unknown): LockstepError {
  const { message } = LockstepError.from(cause);
  return new LockstepError('coordinator-unreachable', `the run cannot begin: ${message}`, {
    remedy: 'mend what the coordinator says',
    cause,
  });
}

/** The thread count is the run's, and must be known before TensorFlow is loaded. */
async function threadsOf({ run, out }: CoordinatorOptions): Promise<number> {
  if ('request' in run) return run.request.threads;
  return (await openRunFolder(out, run.resume)).record.spec.threads;
}
