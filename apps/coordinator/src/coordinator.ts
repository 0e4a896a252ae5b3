import { once } from 'node:events';
import { hostname } from 'node:os';
import { LockstepError, type RunEvent, systemClock } from '@lockstep/core';
import { startEngine, type EngineSettings } from '@lockstep/engine';
import {
  createProtocolServer,
  LARGEST_PAYLOAD_BYTES,
  type RunDescription,
} from '@lockstep/protocol';
import { createBullQueue, type ShardQueue } from '@lockstep/queue';
import type { QueueView } from '@lockstep/queue/view';
import { keepAccess } from './access/keep-access.js';
import { openAccess } from './access/open-access.js';
import { openRunFolder, removeAddress, takeRunLock, writeAddress } from '@lockstep/store';
import { checkUsable, createAwaiting } from './awaiting.js';
import { changeRun } from './change-run.js';
import { checkFolders } from './check-folders.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { describeRun } from './describe-run.js';
import { startHttpSide, type HttpSide } from './http/http-side.js';
import { createNetworkLook } from './http/network/network-look.js';
import { leadRun, type Outcome } from './lead-run.js';
import type { Members } from './members.js';
import { openFolder, takeUp } from './open-run.js';
import { probeNumerics } from './probe-numerics.js';
import { unlessAborted } from './run-end.js';
import { createService, type ServiceParts } from './service.js';
import { startTracker } from './start-tracker.js';

/** Nobody waits for this process's own weights: workers on the same machine compute first. */
const ENGINE_NICENESS = 10;

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
  const leaving = new AbortController();
  return {
    outcome: run(options, stopping, leaving.signal),
    stop: (reason) => {
      leaving.abort(reason);
      stopping.abort(reason);
    },
  };
}

/**
 * @param stopping aborted to end the run, by a person at its page perhaps
 * @param leaving aborted to end the coordinator as well
 */
async function run(
  asked: CoordinatorOptions,
  stopping: AbortController,
  leaving: AbortSignal,
): Promise<Outcome> {
  const { ready, described, admit, turnAway, describe } = expectRun();
  const cleanup: (() => Promise<unknown>)[] = [];
  let superseded = false;
  // What waits for disks, networks and the user's model may never end by itself.
  const unlessStopped = <Value>(work: Promise<Value>): Promise<Value> =>
    unlessAborted(stopping.signal, work);
  try {
    await unlessStopped(checkFolders(asked));
    const access = await openAccess({ ...asked, ...asked.access });
    // TensorFlow takes longest: it loads while addresses and data are checked.
    const starting = startEngine(await settingsOf(asked));
    starting.catch(() => undefined);
    cleanup.push(async () => (await starting).close());
    const awaiting = createAwaiting(asked, stopping.signal);
    const http = await awaiting(() => startHttpSide(asked, stopping, access.http));
    awaiting.tell(http);
    cleanup.push(() => http.close());
    const onEvent = (event: RunEvent): void => {
      http.push(event);
      asked.onEvent(event);
    };
    const options = { ...asked, onEvent };
    const redis = await unlessStopped(Promise.resolve(options.redis));
    await awaiting(() => checkUsable(redis, asked.log, stopping.signal));
    const service = createService(ready, described);
    const server = await awaiting(() => listenForWorkers(asked, service, access.grpc));
    let closing: Promise<void> | undefined;
    const closeServer = (): Promise<void> => (closing ??= server.close(1_000));
    cleanup.push(closeServer);
    const addresses = announce(options, http, server.address);
    const found = await awaiting(() => openFolder(options, starting));
    const engine = await starting;
    const lock = await awaiting(() => takeRunLock(found.disk, Date.now));
    cleanup.push(async () => {
      await closeServer();
      await removeAddress(found.disk).catch(() => undefined);
      await lock.release();
    });
    const { term } = lock;
    const resumed = 'resume' in options.run;
    const { checkpoint: from, changes = {} } = 'resume' in options.run ? options.run : {};
    const { folder, commit } = await changeRun(found, lock, changes);
    const { record } = folder;
    const description = describeRun(record, term, options.heartbeatTimeoutMs, !resumed);
    describe(description);
    await unlessStopped(engine.run('prepare', { spec: record.spec, model: record.model }));
    const opened = { ...(await takeUp({ folder, lock, engine, from, now: Date.now })), resumed };
    cleanup.push(async () => {
      await closeServer();
      opened.log.close();
      opened.ledger.close();
    });
    await commit();
    const numerics = await probeNumerics(engine, record.spec);
    const { runId } = record;
    const here = { host: hostname(), pid: process.pid };
    await writeAddress(folder.disk, { runId, term, ...addresses, ...here });
    const queue: ShardQueue = createBullQueue({ redis, runId });
    let members: Members | undefined;
    cleanup.push(async () => {
      if (!superseded) await forget(queue, members, closeServer).catch(() => undefined);
      await queue.close();
    });
    const begin = (service: ServiceParts): void => {
      members = service.members;
      const stopKeeping = keepAccess(access, service, (message) =>
        onEvent({ event: 'alarm', code: 'tokens-unreadable', message }),
      );
      cleanup.push(() => Promise.resolve(stopKeeping()));
      const viewQueue = async (): Promise<QueueView> =>
        (await import('@lockstep/queue/view')).openQueueView({ redis, runId });
      const network = createNetworkLook(service.engine, record);
      http.show({ folder, service, queue, network, viewQueue });
      admit(service);
    };
    const tracker = await startTracker(options, opened);
    cleanup.push(async () => tracker?.close());
    const parts = {
      ...{ options, engine, description, numerics, opened, queue, clock: systemClock },
      ...{ tracker, tracer: options.tracer },
    };
    const outcome = await leadRun(parts, stopping.signal, begin).finally(() => http.ended());
    if (options.stays && !leaving.aborted) await once(leaving, 'abort');
    return outcome;
  } catch (error) {
    if (stopping.signal.aborted && error === stopping.signal.reason) {
      turnAway(cannotBegin(error));
      return { state: 'stopped', reason: String(error) };
    }
    superseded = LockstepError.from(error).code === 'run-locked';
    turnAway(cannotBegin(error));
    throw LockstepError.from(error);
  } finally {
    for (const undo of cleanup.reverse()) await undo().catch(() => undefined);
  }
}

/** Reports where this coordinator listens. @returns the addresses */
function announce(
  { onEvent, log }: Pick<CoordinatorOptions, 'onEvent' | 'log'>,
  { url, dashboard, taken }: HttpSide,
  grpc: string,
): { readonly grpc: string; readonly http?: string } {
  const addresses = { grpc, ...(url !== undefined && { http: url }) };
  const isTaken = taken !== undefined && { taken };
  onEvent({
    event: 'listening',
    ...addresses,
    ...(dashboard !== undefined && { dashboard }),
    ...isTaken,
  });
  log?.info({ ...addresses, ...isTaken }, 'listening');
  return addresses;
}

function listenForWorkers(
  { grpc, log }: CoordinatorOptions,
  service: ReturnType<typeof createService>,
  access: Awaited<ReturnType<typeof openAccess>>['grpc'],
): ReturnType<typeof createProtocolServer> {
  return createProtocolServer(service, {
    address: grpc,
    ...access,
    maxPayloadBytes: LARGEST_PAYLOAD_BYTES,
    onDefect: (method, err) => log?.error({ method, err }, 'defect'),
  });
}

/** What callers wait for until the run is led: they may come before it is. */
function expectRun(): {
  readonly ready: Promise<ServiceParts>;
  /** Known earlier: workers may get ready for the run while its weights are. */
  readonly described: Promise<RunDescription>;
  admit(parts: ServiceParts): void;
  turnAway(error: unknown): void;
  describe(description: RunDescription): void;
} {
  let admit: (parts: ServiceParts) => void = () => undefined;
  let turnAway: (error: unknown) => void = () => undefined;
  let describe: (description: RunDescription) => void = () => undefined;
  const ready = new Promise<ServiceParts>((resolve, reject) => {
    admit = resolve;
    turnAway = reject;
  });
  ready.catch(() => undefined);
  const described = Promise.race([
    new Promise<RunDescription>((resolve) => (describe = resolve)),
    ready.then(({ description }) => description),
  ]);
  described.catch(() => undefined);
  return { ready, described, admit, turnAway, describe };
}

/** So long the workers may take to leave a run that is over. */
const LEAVING_MS = 2_000;

/**
 * A Redis that outlives the run keeps nothing of it, once the workers have gone: one that begins to
 * listen to the queue just then would write to it again.
 */
async function forget(
  queue: ShardQueue,
  members: Members | undefined,
  closeServer: () => Promise<void>,
): Promise<void> {
  if (members) {
    const late = AbortSignal.timeout(LEAVING_MS);
    await unlessAborted(late, members.emptied()).catch(() => undefined);
  }
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

/** Threads and device are the run's, and must be known before TensorFlow is loaded. */
async function settingsOf({ run, out }: CoordinatorOptions): Promise<EngineSettings> {
  const { threads, device } =
    'request' in run ? run.request : (await openRunFolder(out, run.resume)).record.spec;
  return { threads, device, niceness: ENGINE_NICENESS };
}
