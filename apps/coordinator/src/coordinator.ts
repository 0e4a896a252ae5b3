import { once } from 'node:events';
import { hostname } from 'node:os';
import { LockstepError, type ControlAction, type RunEvent } from '@lockstep/core';
import type { Engine, EngineSettings } from '@lockstep/engine';
import { ObserveServer } from '@lockstep/observe';
import { LARGEST_PAYLOAD_BYTES, type RunDescription } from '@lockstep/protocol';
import type { RedisAt } from '@lockstep/queue';
import {
  FencedDisk,
  openRunFolder,
  removeAddress,
  RENEWAL_MS,
  takeRunLock,
  writeAddress,
  type LedFolder,
  type RunLock,
} from '@lockstep/store';
import { keepAccess, openAccess, type Access } from './access/open-access.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { checkUsable, Dependencies } from './dependencies.js';
import { realPorts, type CoordinatorPorts } from './ports.js';
import type { RunParts } from './run/assemble-run.js';
import { changeRun } from './run/change-run.js';
import { checkFolders } from './run/check-folders.js';
import { describeRun } from './run/describe-run.js';
import { openFolder, takeUp, type OpenedRun } from './run/open-run.js';
import { probeNumerics, type RunNumerics } from './run/probe-numerics.js';
import { unlessAborted } from './run/run-end.js';
import { LimitedLog, type Log } from './run/limited-log.js';
import { leadRun, type Outcome } from './run/run.js';
import { startTracker } from './run/start-tracker.js';
import { openTermQueue } from './run/term-queue.js';
import { observedRun, type ObservedParts } from './run-view.js';
import { createService, type ServiceParts } from './service/coordinator-service.js';
import { LimitedCalls } from './service/limited-calls.js';
import { Pending } from './service/pending.js';
import { Violations } from './service/violations.js';

/** The coordinator's own weights are needed later than those of workers on the same machine. */
const ENGINE_NICENESS = 10;
/** A dispute about a committed step can wait. */
const ARBITER_NICENESS = 15;
/** How long workers may take to leave a run that is over. */
const LEAVING_MS = 2_000;
const CLOSE_GRACE_MS = 1_000;

/** A coordinator at work. */
export interface Coordinator {
  /** Resolves when the run has finished or was stopped; rejects when it failed. */
  readonly outcome: Promise<Outcome>;
  /** Saves the run, ends it and stops the coordinator. */
  stop(reason: string): void;
  /** Pauses, resumes, stops or scales, as the HTTP API does. @throws LockstepError as that refuses */
  control(action: ControlAction): Promise<void>;
}

/**
 * Starts a coordinator. It listens at once, so that workers can load meanwhile, and checks everything
 * in the request that may be wrong before it writes anything.
 */
export function startCoordinator(
  options: CoordinatorOptions,
  ports: CoordinatorPorts = realPorts,
): Coordinator {
  const lifecycle = new Lifecycle(options, ports);
  return {
    outcome: lifecycle.run(),
    stop: (reason) => lifecycle.stop(reason),
    control: (action) => lifecycle.control(action),
  };
}

/** What a coordinator has once it listens. */
interface Listening {
  readonly access: Access;
  readonly http: ObserveServer;
  /** Sends an event to the HTTP API and to the coordinator's owner. */
  readonly onEvent: (event: RunEvent) => void;
  readonly redis: RedisAt;
  /** TensorFlow may still be loading. */
  readonly engine: Promise<Engine>;
  readonly addresses: { readonly grpc: string; readonly http?: string };
}

/** What a coordinator has once the run is open and locked. */
interface Prepared {
  readonly engine: Engine;
  readonly opened: OpenedRun;
  readonly description: RunDescription;
  readonly numerics: RunNumerics;
}

/** The life of a coordinator: listen, open the run, lead it, and undo all that in reverse order. */
class Lifecycle {
  readonly #options: CoordinatorOptions;
  readonly #ports: CoordinatorPorts;
  /** Aborted to end the run, by a signal or through the HTTP API. */
  readonly #stopping = new AbortController();
  /** Aborted to end the coordinator as well. */
  readonly #leaving = new AbortController();
  readonly #dependencies: Dependencies;
  readonly #violations: Violations;
  /** Workers' calls wait for these: they may arrive before the run is open. */
  readonly #ready = new Pending<ServiceParts>();
  readonly #described = new Pending<RunDescription>();
  /** Of what workers' calls cause. */
  readonly #callLog: LimitedLog;
  readonly #limitedCalls: LimitedCalls;
  readonly #undo: (() => Promise<unknown>)[] = [];
  #closeServer = (): Promise<void> => Promise.resolve();
  #isSuperseded = false;
  #http: ObserveServer | undefined;

  constructor(options: CoordinatorOptions, ports: CoordinatorPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#dependencies = new Dependencies(options, this.#stopping.signal);
    this.#violations = new Violations(options.log);
    this.#callLog = new LimitedLog(options.log);
    this.#limitedCalls = new LimitedCalls(this.#callLog);
  }

  stop(reason: string): void {
    this.#leaving.abort(reason);
    this.#stopping.abort(reason);
  }

  async control(action: ControlAction): Promise<void> {
    if (this.#http) return this.#http.control.perform(action);
    throw new LockstepError('not-ready', 'the coordinator is starting', {
      remedy: 'retry in a moment',
    });
  }

  async run(): Promise<Outcome> {
    try {
      const listening = await this.#listen();
      const prepared = await this.#openRun(listening);
      const outcome = await this.#lead(listening, prepared);
      if (this.#options.stays && !this.#leaving.signal.aborted) {
        await once(this.#leaving.signal, 'abort');
      }
      return outcome;
    } catch (error) {
      this.#turnAway(error);
      const { signal } = this.#stopping;
      if (signal.aborted && error === signal.reason) {
        return { state: 'stopped', reason: String(error) };
      }
      this.#isSuperseded = LockstepError.from(error).code === 'run-locked';
      throw LockstepError.from(error);
    } finally {
      for (const undo of this.#undo.reverse()) await undo().catch(() => undefined);
    }
  }

  /** Opens the addresses for users and workers, and begins to load TensorFlow, which takes longest. */
  async #listen(): Promise<Listening> {
    const options = this.#options;
    const { signal } = this.#stopping;
    await this.#unlessStopped(checkFolders(options));
    const access = await openAccess({ ...options, ...options.access });
    const engine = this.#ports.startEngine(await engineSettings(options));
    engine.catch(() => undefined); // reported when the run is opened
    this.#undo.push(async () => (await engine).close());
    const http = await this.#dependencies.until(() =>
      ObserveServer.start({ ...options, access: access.http }),
    );
    this.#http = http;
    this.#dependencies.showOn(http);
    this.#undo.push(() => http.close());
    const redis = await this.#unlessStopped(Promise.resolve(options.redis));
    await this.#dependencies.until(() => checkUsable(this.#ports, redis, options.log, signal));
    const grpc = await this.#dependencies.until(() => this.#listenForWorkers(access));
    const onEvent = (event: RunEvent): void => {
      http.push(event);
      options.onEvent(event);
    };
    const addresses = announce(http, grpc, onEvent, options.log);
    return { access, http, onEvent, redis, engine, addresses };
  }

  /** @returns the address */
  async #listenForWorkers({ grpc: access }: Access): Promise<string> {
    const { grpc, grpcMayMove } = this.#options;
    const service = createService(this.#ready.promise, this.#described.promise);
    const server = await this.#ports.listen(service, {
      ...{ address: grpc, mayMove: grpcMayMove },
      ...access,
      maxPayloadBytes: LARGEST_PAYLOAD_BYTES,
      onViolation: (name, what) => this.#violations.count(name, what),
      onLimited: (reached) => this.#limitedCalls.count(reached),
      onDefect: (method, err) => this.#callLog.write('error', method, { method, err }, 'defect'),
    });
    let closing: Promise<void> | undefined;
    this.#closeServer = () => (closing ??= server.close(CLOSE_GRACE_MS));
    this.#undo.push(this.#closeServer);
    return server.address;
  }

  /** Locks the run and prepares it; renews the lock meanwhile, since loading data may take long. */
  async #openRun(listening: Listening): Promise<Prepared> {
    const { clock } = this.#ports;
    const found = await this.#dependencies.until(() => openFolder(this.#options, listening.engine));
    const engine = await listening.engine;
    const lock = await this.#dependencies.until(() =>
      takeRunLock(found.disk, clock, undefined, this.#stopping.signal),
    );
    const disk = new FencedDisk(found.disk, lock);
    this.#undo.push(async () => {
      await this.#closeServer();
      await removeAddress(disk).catch(() => undefined);
      await lock.release();
    });
    const renew = (): void => void lock.renew().catch(() => undefined); // the next write reports it
    const stopRenewing = clock.every(RENEWAL_MS, renew);
    const led = { ...found, disk };
    return this.#prepare(led, lock, engine, listening.addresses).finally(stopRenewing);
  }

  /** Brings the engine to the version from which the run continues. */
  async #prepare(
    found: LedFolder,
    lock: RunLock,
    engine: Engine,
    addresses: Listening['addresses'],
  ): Promise<Prepared> {
    const options = this.#options;
    const resumed = 'resume' in options.run;
    const { checkpoint: from, changes = {} } = 'resume' in options.run ? options.run : {};
    const { folder, commit } = await changeRun(found, changes);
    const { runId, spec, model } = folder.record;
    const description = describeRun(folder.record, lock.term, options.heartbeatTimeoutMs, resumed);
    this.#described.resolve(description);
    await this.#unlessStopped(engine.run('prepare', { spec, model }));
    const now = (): number => this.#ports.clock.now();
    const opened = { ...(await takeUp({ folder, lock, engine, from, now })), resumed };
    this.#undo.push(async () => {
      await this.#closeServer();
      await opened.log.close();
      opened.ledger.close();
    });
    await commit();
    const numerics = await probeNumerics(engine, spec);
    const here = { host: hostname(), pid: process.pid };
    await writeAddress(folder.disk, { runId, term: lock.term, ...addresses, ...here });
    return { engine, opened, description, numerics };
  }

  async #lead(listening: Listening, prepared: Prepared): Promise<Outcome> {
    const { http, onEvent, redis } = listening;
    const { queueName, folder } = prepared.opened;
    const { clock } = this.#ports;
    const { queue, end } = openTermQueue(this.#ports, redis, prepared.opened);
    this.#undo.push(async () => {
      await this.#closeServer();
      await end();
    });
    const options = { ...this.#options, onEvent };
    const tracker = await startTracker(options, prepared.opened);
    this.#undo.push(async () => tracker?.close());
    const startEngine = async (): Promise<Engine> =>
      this.#ports.startEngine({ ...(await engineSettings(options)), niceness: ARBITER_NICENESS });
    const given = {
      ...{ ...prepared, options, queue, startEngine, clock, tracker, tracer: options.tracer },
    };
    return leadRun(given, this.#stopping.signal, (parts) => {
      const openQueueView = () => this.#ports.viewQueue(redis, queueName);
      this.#admit(parts, listening, { folder, queue, openQueueView });
    }).finally(() => http.ended());
  }

  /** Lets workers register, and the HTTP API show the run. */
  #admit(
    parts: RunParts,
    { access, http, onEvent }: Listening,
    shown: Pick<ObservedParts, 'folder' | 'queue' | 'openQueueView'>,
  ): void {
    const { workers } = parts;
    this.#undo.push(async () => {
      // A worker that starts to consume the queue late would write to it after it was cleared.
      if (this.#isSuperseded) return;
      await unlessAborted(AbortSignal.timeout(LEAVING_MS), workers.emptied());
    });
    const stopKeeping = keepAccess(access, parts, (message) =>
      onEvent({ event: 'alarm', code: 'tokens-unreadable', message }),
    );
    this.#undo.push(() => Promise.resolve(stopKeeping()));
    const { scaler } = this.#options;
    const violations = this.#violations;
    const limitedCalls = () => this.#limitedCalls.counts;
    http.show(
      observedRun({
        ...{ ...parts, ...shown, scaler, violations, limitedCalls },
        ...{ clock: this.#ports.clock, stopping: this.#stopping },
      }),
    );
    this.#ready.resolve(parts);
  }

  /** Workers that have called already wait for another coordinator; they need not report the cause. */
  #turnAway(cause: unknown): void {
    const { message } = LockstepError.from(cause);
    const error = new LockstepError('coordinator-unreachable', `the run cannot begin: ${message}`, {
      remedy: 'fix what the coordinator reports',
      cause,
    });
    this.#described.reject(error);
    this.#ready.reject(error);
  }

  /** For work that depends on disks, networks or the user's model and may never end by itself. */
  #unlessStopped<Value>(work: Promise<Value>): Promise<Value> {
    return unlessAborted(this.#stopping.signal, work);
  }
}

/** Reports where a coordinator listens. @returns the addresses */
function announce(
  { url, probes, dashboard, taken }: ObserveServer,
  grpc: string,
  onEvent: (event: RunEvent) => void,
  log: Log | undefined,
): Listening['addresses'] {
  const addresses = { grpc, ...(url !== undefined && { http: url }) };
  const isTaken = taken !== undefined && { taken };
  const page = dashboard !== undefined && { dashboard };
  onEvent({ event: 'listening', ...addresses, ...page, ...isTaken });
  log?.info({ ...addresses, ...(probes !== undefined && { probes }), ...isTaken }, 'listening');
  return addresses;
}

/** Threads and device belong to the run and must be known before TensorFlow is loaded. */
async function engineSettings({ run, out }: CoordinatorOptions): Promise<EngineSettings> {
  const { threads, device } =
    'request' in run ? run.request : (await openRunFolder(out, run.resume)).record.spec;
  return { threads, device, niceness: ENGINE_NICENESS };
}
