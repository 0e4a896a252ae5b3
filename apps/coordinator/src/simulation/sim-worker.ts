import { LockstepError, specHash } from '@lockstep/core';
import type { ComputedFactors, Engine, Snapshot } from '@lockstep/engine';
import type { FollowEvent, ShardAttempt, SubmitOutcome } from '@lockstep/protocol';
import type { EvaluateJob, ShardJob, ShardResult, TrainJob } from '@lockstep/queue';
import { createSimEngine } from './sim-engine.js';
import type { SimCoordinator } from './sim-coordinator.js';
import type { Simulation } from './simulation.js';
import { newProcess, type Process } from './world.js';

const HEARTBEAT_MS = 250;
const RETRY_MS = 100;

/** A worker of the simulation: does what `apps/worker` does, in virtual time. */
export class SimWorker {
  readonly process: Process;
  readonly #engine: Engine;
  /** Times longer than usual that it computes. */
  slowness = 1;
  /** What is wrong with its next answer. */
  nextContribution: 'right' | 'wrong-hash' | 'not-finite' | 'old-term' = 'right';
  /** Names its membership, while it is one. */
  session: string | undefined;
  #version: number | undefined;
  #arrivals: (() => void)[] = [];
  readonly #kept = new Set<number>();
  /** Factored sections of the next update, by step, shard and hash. */
  readonly #factors = new Map<string, Uint8Array>();
  /** The newest state that it was asked to prove. */
  #proved: Snapshot | undefined;

  constructor(
    readonly simulation: Simulation,
    readonly id: string,
    readonly pid: number,
  ) {
    const { world, arithmetic } = simulation;
    this.process = newProcess(`${id}#${pid}`);
    this.#engine = createSimEngine(world, this.process, arithmetic, (command) =>
      command === 'computeGradient' ? world.dice.between(5, 20) * this.slowness : 1,
    );
    void this.#live();
  }

  /** Registers and serves, again and again, until it is refused for good or the run is over. */
  async #live(): Promise<void> {
    const { world } = this.simulation;
    for (;;) {
      const end = await this.#session().catch(
        (error: unknown) => LockstepError.from(error).message,
      );
      world.say(() => `${this.process.name}: ${end}`);
      if (end === 'over') return;
      if (end === 'quarantined') {
        this.simulation.replace(this);
        return;
      }
      await world.sleep(RETRY_MS, this.process);
    }
  }

  async #session(): Promise<string> {
    const { network, spec, world } = this.simulation;
    const coordinator = this.simulation.leader;
    if (!coordinator) throw new LockstepError('coordinator-unreachable', 'no coordinator');
    const { handlers } = coordinator;
    const call = <Value>(handler: () => Value | Promise<Value>): Promise<Value> =>
      network.call(this.process, coordinator.process, handler);
    await call(() => handlers.describe());
    const { fingerprint } = await this.#engine.run('probe', undefined);
    const request = {
      ...{ workerId: this.id, host: 'host', pid: this.pid, backend: 'wasm' },
      ...{ specSha256: specHash(spec), dataSha256: spec.data.sha256 },
      ...{ fingerprint, fingerprintFields: {} },
    };
    const registered = await call(() => handlers.register(request));
    if (registered.kind === 'refused') return registered.reason;
    const { session, term } = registered;
    this.session = session;
    const version = this.#version;
    const stateSha256 =
      version === undefined ? '' : (await this.#engine.run('hash', undefined)).stateSha256;
    return new Promise((end) =>
      this.#serve({
        ...{ coordinator, session, term, call },
        holding: version === undefined ? { stateSha256 } : { version, stateSha256 },
        end: (how) => {
          world.say(() => `${this.process.name}: session of term ${term} ends, ${how}`);
          end(how);
        },
      }),
    );
  }

  #serve(link: Link & { holding: { version?: number; stateSha256: string } }): void {
    const { network, queue, world } = this.simulation;
    const { coordinator, session, call } = link;
    let consuming: (() => void) | undefined;
    let open = true;
    let currentShard: ShardAttempt | undefined;
    const end = (how: string): void => {
      if (!open) return;
      open = false;
      consuming?.();
      endHeartbeats();
      stream.cancel();
      this.#arrive(this.#version); // whoever waits for a version looks again
      link.end(how);
    };
    const membership: Membership = { ...link, end, isOpen: () => open };
    const handle = async (job: ShardJob): Promise<ShardResult> => {
      if (job.term < link.term) return 'done';
      if (job.term > link.term) return 'give-back';
      currentShard = attemptOf(job, link.term);
      try {
        return await (job.kind === 'train'
          ? this.#train(job, membership)
          : this.#evaluate(job, membership));
      } catch (error) {
        world.say(() => `${this.process.name}: ${String(error)}`);
        return 'give-back';
      } finally {
        currentShard = undefined;
      }
    };
    const receive = (event: FollowEvent): void => {
      if (event.kind === 'up-to-date' && !consuming)
        consuming = queue.consume(this.process, this.id, handle);
      else if (event.kind === 'run-status' && event.state === 'finished') end('over');
      else if (event.kind === 'refused') end(event.reason);
      else if (event.kind === 'factors') {
        this.#factors.set(`${event.step}:${event.index}:${event.sha256}`, event.factored);
      } else if (event.kind === 'snapshot' || event.kind === 'update') {
        this.#hold(event).catch((error: unknown) => {
          this.#version = undefined;
          end(String(error));
        });
      }
    };
    const beat = (): void => {
      const beating = call(() =>
        coordinator.handlers.heartbeat({
          ...{ session, version: consuming && this.#version, shard: currentShard },
          ...{ rssBytes: 1, tensorCount: 1, cpuSeconds: 1, log: [] },
        }),
      );
      beating.then(
        ({ known }) => known || end('unknown session'),
        () => undefined,
      );
    };
    const stream = network.stream(coordinator.process, this.process, receive, () => end('broken'));
    const endHeartbeats = world.clockOf(this.process).every(HEARTBEAT_MS, beat);
    const following = { session, ...link.holding };
    const asked = { version: undefined, ...following };
    call(() => coordinator.handlers.follow(asked, stream)).catch(() => end('cannot follow'));
  }

  async #hold(event: Extract<FollowEvent, { kind: 'snapshot' | 'update' }>): Promise<void> {
    if (event.kind === 'snapshot') {
      const { version, state } = event;
      this.#arrive(version);
      await this.#engine.run('load', { version, state });
      return;
    }
    if (event.version !== (this.#version ?? NaN) + 1) {
      throw new Error(`update ${event.version} came after version ${this.#version}`);
    }
    const { version, dense } = event;
    const shards = event.shards.map(({ sampleCount, factoredSha256 }, index) => {
      const factored = this.#factors.get(`${version}:${index}:${factoredSha256}`);
      if (!factored) throw new Error(`factors of step ${version} shard ${index} are missing`);
      return { sampleCount, factored, factoredSha256 };
    });
    this.#factors.clear();
    this.#arrive(version);
    const applying = this.#engine.run('apply', { version, update: { shards, dense } });
    if (event.evaluated) await this.#keep(version);
    if (event.prove) this.#proved = await this.#engine.run('export', {});
    await applying;
  }

  #arrive(version: number | undefined): void {
    this.#version = version;
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    for (const look of arrivals) look();
  }

  async #keep(version: number, state?: Uint8Array): Promise<void> {
    this.#kept.add(version);
    await this.#engine.run('pin', state ? { version, state } : { version });
  }

  async #train(job: TrainJob, link: Membership): Promise<ShardResult> {
    const { coordinator, session, term, call } = link;
    while ((this.#version ?? -1) < job.version) {
      if (!link.isOpen()) return 'give-back';
      await new Promise<void>((resolve) => this.#arrivals.push(resolve));
    }
    if (this.#version !== job.version) return 'done';
    const shard = attemptOf(job, term);
    const leave = call(() => coordinator.handlers.take({ session, shard }));
    leave.catch(() => undefined);
    let early: ComputedFactors | undefined;
    const computed = await this.#engine.run('computeGradient', job, [], (part) => (early = part));
    const { totals, dense, sha256 } = computed;
    if (!early || (await leave).kind === 'refused') return 'done';
    const { factored, factoredSha256 } = early;
    const { step, index } = job.shard;
    this.#factors.set(`${step}:${index}:${factoredSha256}`, factored);
    const { version, stateSha256 } = this.#proved ?? {};
    const proof = version === undefined ? undefined : { version, stateSha256: stateSha256 ?? '' };
    void this.#submit(link, {
      ...{ shard, totals, payload: { factored, dense }, factoredSha256, sha256, proof },
    });
    return 'done';
  }

  async #submit(
    link: Membership,
    answer: Parameters<SimCoordinator['submit']>[1],
  ): Promise<SubmitOutcome | undefined> {
    const how = this.nextContribution;
    this.nextContribution = 'right';
    const { session, call, coordinator } = link;
    const outcome = await call(() => coordinator.submit(session, answer, how)).catch(
      () => undefined,
    );
    if (outcome?.verdict === 'unknown-session') link.end('unknown session');
    if (outcome?.uploadState && this.#proved) await this.#uploadState(link, this.#proved);
    return outcome;
  }

  async #uploadState({ session, call, coordinator }: Membership, proved: Snapshot): Promise<void> {
    const { version, stateSha256: sha256 } = proved;
    const state = Uint8Array.from(proved.state);
    const { handlers } = coordinator;
    const header = { session, version, sha256 };
    const stateUploaded = call(async () => {
      const wanted = await handlers.expectsState(header, state.length);
      return wanted && handlers.uploadState(header, state);
    });
    const taken = await stateUploaded.catch(() => false);
    this.simulation.world.say(() => `${this.id}: state of version ${version} taken: ${taken}`);
  }

  async #evaluate(job: EvaluateJob, link: Membership): Promise<ShardResult> {
    const { coordinator, session, term, call } = link;
    const { version, sampleCount } = job.shard;
    const shard = attemptOf(job, term);
    const leave = await call(() => coordinator.handlers.take({ session, shard }));
    if (leave.kind === 'refused') return 'done';
    if (!this.#kept.has(version)) {
      const fetched = await call(() => coordinator.handlers.fetch({ session, version }));
      if (fetched.kind === 'refused') return 'done';
      const snapshot = await this.simulation.decode(fetched);
      if (snapshot?.kind !== 'snapshot') return 'done';
      await this.#keep(version, snapshot.state);
    }
    const evaluated = await this.#engine.run('evaluate', job);
    const { correctCount, lossSum, predictions, confidences } = evaluated;
    const result = { session, runId: job.runId, shard, sampleCount, correctCount, lossSum };
    const bytes = {
      predictions: Buffer.from(predictions),
      confidences: Buffer.from(confidences.buffer),
    };
    await call(() => coordinator.handlers.submitEvaluation({ ...result, ...bytes }));
    return 'done';
  }
}

interface Link {
  readonly coordinator: SimCoordinator;
  readonly session: string;
  readonly term: number;
  readonly call: <Value>(handler: () => Value | Promise<Value>) => Promise<Value>;
  readonly end: (how: string) => void;
}

interface Membership extends Link {
  readonly isOpen: () => boolean;
}

function attemptOf(job: ShardJob, term: number): ShardAttempt {
  const { index } = job.shard;
  const evaluation = job.kind === 'evaluate';
  const step = job.kind === 'train' ? job.shard.step : job.shard.version;
  return { term, step, index, attempt: job.attempt, evaluation };
}
