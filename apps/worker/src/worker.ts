import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { LockstepError, specHash, type RunSpec } from '@lockstep/core';
import { fingerprintFields, startEngine, type Engine } from '@lockstep/engine';
import {
  createProtocolClient,
  LARGEST_PAYLOAD_BYTES,
  type ProtocolClient,
  type RunDescription,
} from '@lockstep/protocol';
import type { RedisAt } from '@lockstep/queue';
import { awaitDependency, awaitRedis, patient, supervised, type Waiting } from '@lockstep/runtime';
import type { Membership } from './membership.js';
import { createHeldState } from './held-state.js';
import { runSession } from './session.js';
import { createLogTail, type LogTail } from './log-tail.js';
import type { WorkerEvent, WorkerOptions } from './worker-options.js';

/** A coordinator that was restarted is found again at once. */
const LONGEST_RETRY_MS = 500;
const IDLE_MS = 1_000;
/** Sockets first: their moment's work keeps the others from waiting. */
const ENGINE_NICENESS = 3;

/** A worker at work. */
export interface RunningWorker {
  /** Resolves when the worker leaves; rejects when it is refused or gives up. */
  readonly outcome: Promise<WorkerEnd>;
  /** Finishes the shard in hand, says good-bye and ends. */
  drain(reason: string): void;
}

/** Why a worker left. */
export interface WorkerEnd {
  /** Whether a signal ended it before its run had finished: the run still needs a worker in its place. */
  readonly interrupted: boolean;
  readonly reason: string;
}

/** Starts a worker: loads TensorFlow, joins the run and answers its shards until the run is over. */
export function startWorker(options: WorkerOptions): RunningWorker {
  const draining = new AbortController();
  const log = createLogTail(Date.now);
  const onEvent = (event: WorkerEvent): void => {
    log.add(event);
    options.onEvent(event);
  };
  return {
    outcome: withProbes({ ...options, onEvent }, draining.signal, (told) =>
      work(told, log, draining.signal),
    ),
    drain: (reason) => {
      onEvent({ what: 'draining', reason });
      draining.abort(reason);
    },
  };
}

/** Serves probes beside the work, where an address is given for them. */
async function withProbes(
  options: WorkerOptions,
  drain: AbortSignal,
  work: (options: WorkerOptions) => Promise<WorkerEnd>,
): Promise<WorkerEnd> {
  const { http, onEvent } = options;
  if (http === undefined) return work(options);
  // Loaded only where they are wanted: they bring the Prometheus client with them.
  const { startProbeServer } = await import('./probes/probe-server.js');
  const probes = await awaitDependency(
    () => startProbeServer(http, options.tls?.identity),
    waitingOf(options, drain),
  );
  onEvent({ what: 'listening', http: probes.url });
  const observe = (event: WorkerEvent): void => {
    probes.observe(event);
    onEvent(event);
  };
  const draining = (): void => probes.observe({ what: 'draining', reason: String(drain.reason) });
  drain.addEventListener('abort', draining, { once: true });
  try {
    return await work({ ...options, onEvent: observe });
  } finally {
    probes.close();
  }
}

async function work(options: WorkerOptions, log: LogTail, drain: AbortSignal): Promise<WorkerEnd> {
  // Where threads and device are known, TensorFlow loads while the coordinator still gets ready.
  const { threads, device, startEngine: start = startEngine } = options;
  const known = threads !== undefined && device !== undefined;
  const early = known ? start({ threads, device, niceness: ENGINE_NICENESS }) : undefined;
  early?.catch(() => undefined);
  let engine: Engine | undefined;
  let client: ProtocolClient | undefined;
  try {
    const addresses = await Promise.race([options.addresses, aborted(drain)]);
    if (addresses === undefined) return drained(drain);
    const { coordinator: address, redis } = addresses;
    const { tls, joinToken } = options;
    await awaitRedis(redis, waitingOf(options, drain));
    client = createProtocolClient({
      ...{ address, maxPayloadBytes: LARGEST_PAYLOAD_BYTES },
      sharesMemory: options.host === undefined, // who says it is elsewhere behaves like it
      ...(tls && { tls }),
      ...(joinToken && { joinToken: () => joinToken.current() }),
    });
    const first = await patiently(options, drain, client.describe);
    if (first === undefined) return drained(drain);
    const spec = JSON.parse(first.specJson) as RunSpec;
    mustCompute(threads, spec);
    const settings = { threads: spec.threads, device: device ?? spec.device };
    engine = await (early ?? start({ ...settings, niceness: ENGINE_NICENESS }));
    return await serve({ options, log, redis, drain, client, engine, first });
  } catch (error) {
    // A signal ended a wait: no shard was in hand.
    unlessDrained(error, drain);
    return drained(drain);
  } finally {
    client?.close();
    await (engine ?? (await early?.catch(() => undefined)))?.close();
  }
}

/** Another number of threads would compute other bits. */
function mustCompute(threads: number | undefined, spec: RunSpec): void {
  if (threads === undefined || threads === spec.threads) return;
  const message = `--threads is ${threads}, but the run computes with ${spec.threads}`;
  throw new LockstepError('bad-option', message, {
    remedy: 'leave --threads out: a worker uses as many as the run says',
  });
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function serve(parts: {
  readonly options: WorkerOptions;
  readonly log: LogTail;
  readonly redis: RedisAt;
  readonly drain: AbortSignal;
  readonly client: ProtocolClient;
  readonly engine: Engine;
  readonly first: RunDescription;
}): Promise<WorkerEnd> {
  const { options, log, redis, drain, client, engine, first } = parts;
  const { leaveWhen = 'ended' } = options;
  let held = createHeldState(engine);
  let prepared = await awaitDependency(() => prepare(engine, first, options), {
    ...waitingOf(options, drain),
    policy: options.supervised === true ? supervised : () => false,
  });
  if (first.untrained) await held.initialise();
  const describe = (): Promise<RunDescription | undefined> =>
    patiently(options, drain, client.describe);
  let description: RunDescription | undefined = first;
  let led = first.runId;
  let hasFinished = false;
  for (;;) {
    if (drain.aborted || description === undefined) return drained(drain, hasFinished);
    if (description.specSha256 !== prepared.specSha256) {
      if (description.runId !== led) {
        const reason = 'the coordinator leads another run now';
        if (leaveWhen === 'never') return { interrupted: false, reason };
        throw new LockstepError('worker-refused', reason, { remedy: 'start a new worker for it' });
      }
      // The run was extended: a state that its older spec led to may not be one of the new spec.
      held = createHeldState(engine);
      prepared = await prepare(engine, description, options);
    }
    const membership = await register(client, options, engine, description, prepared).catch(
      unlessUnreachable,
    );
    if (membership === undefined) {
      description = await describe();
      continue;
    }
    const { runId, term } = membership;
    led = runId;
    options.onEvent({ what: 'joined', runId, term });
    const { heartbeatIntervalMs } = description;
    const end = await runSession({
      ...{ options, log, redis, engine, client, held, membership, heartbeatIntervalMs, drain },
    });
    const { kind, reason } = end;
    hasFinished = kind === 'run-ended' && end.state === 'finished';
    if (kind === 'released' || kind === 'interrupted') {
      return { interrupted: kind === 'interrupted', reason };
    }
    const leaves = leaveWhen === 'ended' || (leaveWhen === 'finished' && hasFinished);
    if (kind === 'run-ended' && leaves) return { interrupted: false, reason };
    options.onEvent({ what: kind === 'broken' ? 'disconnected' : 'idle', reason });
    await options.joinToken?.refresh();
    description = await (kind === 'broken' ? describe() : nextTerm(describe, membership, drain));
  }
}

function drained({ reason }: AbortSignal, hasFinished = false): WorkerEnd {
  return { interrupted: !hasFinished, reason: String(reason) };
}

/** Waits for another coordinator, which goes on with this run or leads another one. */
async function nextTerm(
  describe: () => Promise<RunDescription | undefined>,
  { runId, term }: Membership,
  drain: AbortSignal,
): Promise<RunDescription | undefined> {
  for (;;) {
    const description = await describe();
    if (drain.aborted || description?.runId !== runId || description.term !== term) {
      return description;
    }
    await delay(IDLE_MS, undefined, { signal: drain }).catch(() => undefined);
  }
}

interface Prepared {
  readonly spec: RunSpec;
  readonly specSha256: string;
  readonly fingerprint: string;
}

/** Loads the run's model and data, and computes the numerics fingerprint. */
async function prepare(
  engine: Engine,
  description: RunDescription,
  options: WorkerOptions,
): Promise<Prepared> {
  const spec = JSON.parse(description.specJson) as RunSpec;
  await engine.run('prepare', {
    spec,
    model: options.model ?? spec.model.name,
    data: options.data ?? spec.data.name,
  });
  const { fingerprint } = await engine.run('probe', undefined);
  return { spec, specSha256: specHash(spec), fingerprint };
}

async function register(
  client: ProtocolClient,
  options: WorkerOptions,
  engine: Engine,
  { runId }: RunDescription,
  { spec, specSha256, fingerprint }: Prepared,
): Promise<Membership> {
  const outcome = await client.register({
    workerId: options.id,
    host: options.host ?? hostname(),
    pid: process.pid,
    backend: engine.facts.backend,
    specSha256,
    dataSha256: spec.data.sha256,
    fingerprint,
    fingerprintFields: fingerprintFields(engine.facts, spec),
  });
  if (outcome.kind === 'accepted') {
    return { runId, term: outcome.term, session: outcome.session, spec };
  }
  throw new LockstepError('worker-refused', `${outcome.reason}: ${outcome.message}`, {
    remedy: 'a worker must have the run’s data, numerics and version of Lockstep',
  });
}

/**
 * Tries again while the coordinator cannot be reached, until `patienceMs` have passed.
 *
 * @returns undefined when the worker was asked to leave meanwhile, which is no failure
 */
function patiently<Value>(
  options: WorkerOptions,
  drain: AbortSignal,
  attempt: () => Promise<Value>,
): Promise<Value | undefined> {
  const waiting = awaitDependency(attempt, {
    ...waitingOf(options, drain),
    longestRetryMs: LONGEST_RETRY_MS,
    policy: ({ code }, _lastsMs, waitedMs) =>
      code === 'coordinator-unreachable' && waitedMs < options.patienceMs,
  });
  return waiting.catch((error: unknown) => unlessDrained(error, drain));
}

/** How a worker waits for what comes before the coordinator. */
function waitingOf(options: WorkerOptions, drain: AbortSignal): Waiting {
  return {
    policy: options.supervised === true ? supervised : patient(options.patienceMs),
    signal: drain,
    onWaiting: ({ message: reason }) => options.onEvent({ what: 'waiting', reason }),
  };
}

/** @throws the error, unless it is the reason to leave by which a wait was ended */
function unlessDrained(error: unknown, drain: AbortSignal): undefined {
  if (!drain.aborted || error !== drain.reason) throw error;
}

/** @throws the error, unless it says that the coordinator cannot be reached now */
function unlessUnreachable(error: unknown): undefined {
  if (LockstepError.from(error).code !== 'coordinator-unreachable') throw error;
}
