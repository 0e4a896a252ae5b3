import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { LockstepError, type RunSpec } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { PROCESS_KEY_BYTES, type ProtocolClient, type RunDescription } from '@lockstep/protocol';
import type { RedisAt } from '@lockstep/queue';
import { awaitDependency, patient, supervised, type Waiting } from '@lockstep/runtime';
import { prepareRun, register, specOf, type Membership, type PreparedRun } from './join-run.js';
import { LogTail } from './log-tail.js';
import { Patience } from './patience.js';
import type { ProbeServer } from './probes/probe-server.js';
import { Session, type SessionEnd } from './session.js';
import type { WorkerEvent, WorkerOptions } from './worker-options.js';
import type { WorkerPorts } from './ports.js';

/** Upper bound, so that a worker finds a restarted coordinator soon. */
const LONGEST_RETRY_MS = 500;
/** Poll interval while it waits for another coordinator after the end of a run. */
const IDLE_MS = 1_000;

/** Why a worker left. */
export interface WorkerEnd {
  /** Whether it was drained before its run had finished: the run still needs a worker in its place. */
  readonly interrupted: boolean;
  readonly reason: string;
}

/** What a worker has once it has connected. */
interface Connected {
  readonly client: ProtocolClient;
  readonly engine: Engine;
  readonly redis: RedisAt;
}

/** Starts a worker: loads TensorFlow, joins the run and computes its shards until the run is over. */
export function startWorker(options: WorkerOptions, ports: WorkerPorts): Worker {
  return new Worker(options, ports);
}

/** A worker: connects, then registers for one session after another. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #ports: WorkerPorts;
  readonly #log: LogTail;
  readonly #draining = new AbortController();
  readonly #patience: Patience;
  #notJoinedBecause: string | undefined;
  /** Known to this process and its coordinator only. */
  readonly #processKey = randomBytes(PROCESS_KEY_BYTES);
  /** As configured; once it has joined, the id that it was issued. */
  #name: string;
  #probes: ProbeServer | undefined;
  /** Resolves when the worker leaves; rejects when it is refused or gives up. */
  readonly outcome: Promise<WorkerEnd>;

  constructor(options: WorkerOptions, ports: WorkerPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#name = options.id;
    this.#log = new LogTail(() => ports.clock.now());
    this.#patience = new Patience(ports.clock, options.patienceMs);
    this.outcome = this.#run();
  }

  /** Finishes the current shard, leaves the run and ends. */
  drain(reason: string): void {
    this.#emit({ what: 'draining', reason });
    this.#draining.abort(reason);
  }

  async #run(): Promise<WorkerEnd> {
    // If threads and device are known, TensorFlow loads while the coordinator still prepares the run.
    const early = this.#startEngineEarly();
    let engine: Engine | undefined;
    let client: ProtocolClient | undefined;
    try {
      await this.#serveProbes();
      const addresses = await Promise.race([this.#options.addresses, this.#drained()]);
      if (addresses === undefined) return this.#interrupted();
      const { coordinator, redis } = addresses;
      const { signal } = this.#draining;
      await awaitDependency(() => this.#ports.checkQueue(redis, signal), this.#waiting());
      client = this.#ports.createClient(coordinator);
      this.#patience.renew();
      const description = await this.#describe(client);
      if (description === undefined) return this.#interrupted();
      const settings = this.#engineSettings(specOf(description));
      engine = await this.#patience.without(() => early ?? this.#ports.startEngine(settings));
      return await this.#serve({ client, engine, redis }, description);
    } catch (error) {
      this.#unlessDrained(error);
      return this.#interrupted();
    } finally {
      client?.close();
      await (engine ?? (await early?.catch(() => undefined)))?.close();
      this.#probes?.close();
    }
  }

  /** Registers for one session after another, until the worker leaves. */
  async #serve({ client, engine, redis }: Connected, first: RunDescription): Promise<WorkerEnd> {
    const { options, ports, log } = { options: this.#options, ports: this.#ports, log: this.#log };
    const { signal: drain } = this.#draining;
    let run = await this.#prepareFirst(engine, first);
    let description: RunDescription | undefined = first;
    let runId = first.runId;
    let hasFinished = false;
    while (!drain.aborted && description !== undefined) {
      if (description.specSha256 !== run.specSha256) {
        if (description.runId !== runId) return this.#otherRun();
        // The run was extended. A state of the shorter run may not be one of the longer run.
        const extended = description;
        run = await this.#patience.without(() => prepareRun(engine, extended, options));
      }
      const membership = await this.#register(client, engine, description, run);
      if (membership === undefined) {
        description = await this.#describe(client);
        continue;
      }
      const { term, workerId } = membership;
      runId = membership.runId;
      this.#name = workerId;
      this.#emit({ what: 'joined', worker: workerId, runId, term });
      const session = new Session({
        ...{ options, ports, redis, engine, client, held: run.held, membership, log, drain },
        heartbeatIntervalMs: description.heartbeatIntervalMs,
        onEvent: (event) => this.#emit(event),
      });
      const end = await this.#patience.without(() => session.run());
      if (session.wasReady) this.#patience.renew();
      hasFinished = end.kind === 'run-ended' && end.state === 'finished';
      if (this.#leavesAfter(end))
        return { interrupted: end.kind === 'interrupted', reason: end.reason };
      this.#emit({ what: end.kind === 'broken' ? 'disconnected' : 'idle', reason: end.reason });
      if (end.kind === 'broken' && !session.wasReady)
        await this.#pauseAfter(endedEarly(end.reason));
      await options.joinToken?.refresh();
      description = await (end.kind === 'broken'
        ? this.#describe(client)
        : this.#nextTerm(client, membership));
    }
    return { ...this.#interrupted(), interrupted: !hasFinished };
  }

  #leavesAfter(end: SessionEnd): boolean {
    const { leaveWhen = 'ended' } = this.#options;
    switch (end.kind) {
      case 'released':
      case 'interrupted':
        return true;
      case 'run-ended':
        return leaveWhen === 'ended' || (leaveWhen === 'finished' && end.state === 'finished');
      case 'broken':
        return false;
    }
  }

  /** @throws LockstepError `worker-refused`, unless a supervisor starts a new worker by itself */
  #otherRun(): WorkerEnd {
    const reason = 'the coordinator leads another run now';
    if (this.#options.leaveWhen === 'never') return { interrupted: false, reason };
    throw new LockstepError('worker-refused', reason, { remedy: 'start a new worker for it' });
  }

  /** Prepares the run; a supervised worker waits for data or a model that are not there yet. */
  async #prepareFirst(engine: Engine, description: RunDescription): Promise<PreparedRun> {
    return this.#patience.without(async () => {
      const run = await awaitDependency(() => prepareRun(engine, description, this.#options), {
        ...this.#waiting(),
        policy: this.#options.supervised === true ? supervised : () => false,
      });
      if (description.untrained) await run.held.initialise();
      return run;
    });
  }

  /** @returns undefined when the coordinator cannot be reached, or not any more, and may be tried again */
  async #register(
    client: ProtocolClient,
    engine: Engine,
    description: RunDescription,
    run: PreparedRun,
  ): Promise<Membership | undefined> {
    const { process } = this.#ports;
    const introduction = { name: this.#name, processKey: this.#processKey };
    const attempt = (): Promise<Membership> =>
      register({ client, engine, process }, introduction, description, run);
    try {
      return await awaitDependency(attempt, {
        ...this.#waiting(),
        longestRetryMs: LONGEST_RETRY_MS,
        policy: ({ code }) => code === 'too-many-requests' && this.#patience.lasts,
      });
    } catch (error) {
      const failure = LockstepError.from(error);
      if (failure.code === 'coordinator-unreachable') await this.#pauseAfter(failure);
      else this.#unlessDrained(error);
      return undefined;
    }
  }

  /**
   * Pauses after a failure to join: other calls may succeed, so without it the next attempt would be at once.
   *
   * @throws the failure, once patience is over
   */
  async #pauseAfter(failure: LockstepError): Promise<void> {
    const { message: reason } = failure;
    if (!this.#patience.lasts) throw failure;
    if (reason !== this.#notJoinedBecause) this.#emit({ what: 'waiting', reason });
    this.#notJoinedBecause = reason;
    await this.#ports.clock.sleep(LONGEST_RETRY_MS, this.#draining.signal);
  }

  /**
   * Asks for the run's description until the coordinator can be reached, or patience is over.
   *
   * @returns undefined when the worker was drained meanwhile
   */
  async #describe(client: ProtocolClient): Promise<RunDescription | undefined> {
    try {
      return await awaitDependency(() => client.describe(), {
        ...this.#waiting(),
        longestRetryMs: LONGEST_RETRY_MS,
        policy: ({ code }) =>
          (code === 'coordinator-unreachable' || code === 'too-many-requests') &&
          this.#patience.lasts,
      });
    } catch (error) {
      this.#unlessDrained(error);
      return undefined;
    }
  }

  /** Waits until another coordinator continues this run or leads another one. */
  async #nextTerm(
    client: ProtocolClient,
    { runId, term }: Membership,
  ): Promise<RunDescription | undefined> {
    const { signal } = this.#draining;
    for (;;) {
      const description = await this.#describe(client);
      if (signal.aborted || description?.runId !== runId || description.term !== term) {
        return description;
      }
      this.#patience.renew();
      await this.#ports.clock.sleep(IDLE_MS, signal);
    }
  }

  #startEngineEarly(): Promise<Engine> | undefined {
    const { threads, device } = this.#options;
    if (threads === undefined || device === undefined) return undefined;
    const starting = this.#ports.startEngine({ threads, device });
    starting.catch(() => undefined); // handled where the engine is needed
    return starting;
  }

  /** @throws LockstepError `bad-option`: another number of threads would compute other bits */
  #engineSettings(spec: RunSpec): Pick<RunSpec, 'threads' | 'device'> {
    const { threads = spec.threads, device = spec.device } = this.#options;
    if (threads === spec.threads) return { threads, device };
    const message = `--threads is ${threads}, but the run computes with ${spec.threads}`;
    throw new LockstepError('bad-option', message, {
      remedy: 'leave --threads out: a worker uses as many as the run says',
    });
  }

  /** Serves probes, if an address is given for them. */
  async #serveProbes(): Promise<void> {
    const { http, tls } = this.#options;
    if (http === undefined) return;
    // Loaded on demand, with the Prometheus client.
    const { ProbeServer } = await import('./probes/probe-server.js');
    const serve = (): Promise<ProbeServer> => ProbeServer.start(http, tls?.identity);
    this.#probes = await awaitDependency(serve, this.#waiting());
    this.#emit({ what: 'listening', http: this.#probes.url });
  }

  #emit(event: WorkerEvent): void {
    this.#log.add(event);
    this.#probes?.observe(event);
    this.#options.onEvent(event);
  }

  /** How a worker waits for its dependencies. */
  #waiting(): Waiting {
    const { supervised: isSupervised, patienceMs } = this.#options;
    const { clock, random } = this.#ports;
    return {
      ...{ clock, random, signal: this.#draining.signal },
      policy: isSupervised === true ? supervised : patient(patienceMs),
      onWaiting: ({ message: reason }) => this.#emit({ what: 'waiting', reason }),
    };
  }

  async #drained(): Promise<undefined> {
    const { signal } = this.#draining;
    if (!signal.aborted) await once(signal, 'abort');
  }

  #interrupted(): WorkerEnd {
    return { interrupted: true, reason: String(this.#draining.signal.reason) };
  }

  /** @throws the error, unless it is the reason for draining, by which a wait was ended */
  #unlessDrained(error: unknown): void {
    const { signal } = this.#draining;
    if (!signal.aborted || error !== signal.reason) throw error;
  }
}

function endedEarly(reason: string): LockstepError {
  const message = `the session ended before the worker was ready: ${reason}`;
  return new LockstepError('coordinator-unreachable', message, {
    remedy: 'see the coordinator’s log for the reason',
  });
}
