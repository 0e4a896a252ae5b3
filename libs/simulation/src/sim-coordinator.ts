import {
  createService,
  describeRun,
  leadRun,
  probeNumerics,
  takeUp,
  type RunGiven,
  type RunParts,
  type ServiceParts,
} from '@lockstep/coordinator';
import { LockstepError, type Clock, type GradientBytes, type RunEvent } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type {
  ContributionHeader,
  ProtocolHandlers,
  Receipt,
  ShardAttempt,
  SubmitOutcome,
} from '@lockstep/protocol';
import type { ShardQueue } from '@lockstep/queue';
import {
  FencedDisk,
  parseRunRecord,
  removeAddress,
  takeRunLock,
  writeAddress,
} from '@lockstep/store';
import { SimEngine } from './sim-engine.js';
import type { Scene, SceneCoordinator } from './scene.js';
import { watched } from './watched-stream.js';
import type { Process } from './world.js';

const HEARTBEAT_TIMEOUT_MS = 1_000;
/** How long an `enqueue` waits for a queue that is down. */
const GIVES_UP_MS = 400;

/** One life of a coordinator: the real one, from its lock to its end, in a simulated process. */
export class SimCoordinator implements SceneCoordinator {
  readonly process: Process;
  readonly clock: Clock;
  readonly handlers: ProtocolHandlers;
  term = 0;
  queueName: string | undefined;
  /** Whether it has read the run's files. */
  hasOpened = false;
  #parts: RunParts | undefined;
  #admit: (parts: ServiceParts) => void = () => undefined;
  #stepDone: number | undefined;
  /** Steps that the ledger held when this coordinator opened the run, and that it computes again. */
  #recorded: ReadonlySet<number> = new Set();
  /** Workers whose contributions were disputed and are wrong. */
  readonly #contradicted = new Set<string>();

  constructor(
    readonly scene: Scene,
    readonly host: string,
    readonly pid: number,
  ) {
    this.process = scene.world.newProcess(`coordinator-${pid}@${host}`);
    const ready = new Promise<ServiceParts>((resolve) => (this.#admit = resolve));
    const described = ready.then(({ description }) => description);
    this.clock = scene.world.clockOf(this.process);
    const service = createService(ready, described);
    this.handlers = {
      ...service,
      submit: (header, payload, receipt) => this.#submit(service, header, payload, receipt),
    };
    this.#lead().then(
      () => scene.finished(),
      (error: unknown) => scene.ended(this, LockstepError.from(error)),
    );
  }

  /** Whether it leads the run already. */
  get hasBegun(): boolean {
    return this.#parts !== undefined;
  }

  idOf(session: string | undefined): string | undefined {
    return session === undefined ? undefined : this.#parts?.workers.bySession(session)?.id;
  }

  pause(): void {
    this.#parts?.steps.handle({ type: 'paused', reason: 'a user asked' });
  }

  resume(): void {
    this.#parts?.steps.handle({ type: 'resumed' });
  }

  /** What the run does, in words. */
  status(): string | undefined {
    const state = this.#parts?.steps.state;
    if (!state) return undefined;
    return `${state.condition.state} (${state.condition.reason}) at step ${state.committedStep}`;
  }

  async #lead(): Promise<void> {
    const { scene } = this;
    const { world, platter, settings } = scene;
    const { process, clock } = this;
    const now = (): number => clock.now();
    const raw = platter.process({
      onChange: (path) => this.scene.wrote(this, path),
      isFull: () => this.scene.diskIsFull,
      delay: () => world.sleep(world.random.between(0, 2), process),
    });
    const record = parseRunRecord((await raw.read('spec.json')) ?? new Uint8Array(), 'spec.json');
    const isAlive = (pid: number): boolean => this.scene.isAlive(pid);
    const lock = await takeRunLock(raw, clock, { host: this.host, pid: this.pid, isAlive });
    this.term = lock.term;
    const disk = settings.disk?.(raw, lock) ?? new FencedDisk(raw, lock);
    world.say(() => `${process.name}: leads term ${lock.term}`);
    const engine = this.#newEngine();
    const folder = { path: 'run', disk, record };
    await engine.run('prepare', { spec: record.spec, model: record.model });
    const opened = {
      ...(await takeUp({ folder, lock, engine, from: undefined, now })),
      resumed: true,
    };
    this.hasOpened = true;
    this.#recorded = new Set(opened.recorded.keys());
    this.queueName = opened.queueName;
    const here = { runId: 'run', grpc: 'sim', host: this.host, pid: this.pid, term: lock.term };
    await writeAddress(disk, here);
    world.say(() => `${process.name}: goes on from version ${opened.version}`);
    this.#stepDone = opened.version;
    const given = await this.#givenFor(engine, opened);
    await leadRun(given, new AbortController().signal, (parts) => {
      this.#parts = parts;
      const published = (version: number): void => scene.published(this, version);
      this.#admit({ ...parts, updateStream: watched(parts.updateStream, published) });
    });
    for (const id of this.#contradicted) {
      const state = this.#parts?.steps.state.workers.get(id)?.state;
      this.scene.mustBe(state === 'quarantined', `${id} contradicted others and is ${state}`);
    }
    opened.ledger.close();
    await removeAddress(disk);
    await lock.release();
  }

  /** What leading the run takes, with the parts that the simulation's settings replace. */
  async #givenFor(engine: Engine, opened: RunGiven['opened']): Promise<RunGiven> {
    const { settings } = this.scene;
    const { record } = opened.folder;
    return {
      ...{ engine, clock: this.clock },
      description: describeRun(record, this.term, HEARTBEAT_TIMEOUT_MS, true),
      numerics: await probeNumerics(engine, record.spec),
      opened: { ...opened, ledger: settings.ledger?.(opened.ledger, this) ?? opened.ledger },
      queue: this.#queue(opened.queueName),
      startEngine: () => Promise.resolve(this.#newEngine()),
      ...(settings.stepMachine ? { stepMachine: settings.stepMachine } : {}),
      options: {
        ...{ run: { resume: 'run' }, out: '.', redis: 'sim', grpc: 'sim' },
        ...{ evalEvery: 3, checkpointEvery: settings.checkpointEvery },
        ...{ proveEvery: settings.proveEvery, minWorkers: 1 },
        ...{ heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, onAlarm: 'continue' },
        onEvent: (event) => this.#observe(event),
      },
    };
  }

  #newEngine(): Engine {
    const { world, arithmetic } = this.scene;
    return new SimEngine(world, this.process, arithmetic, () => world.random.between(0, 3));
  }

  #observe(event: RunEvent): void {
    const { scene, process } = this;
    scene.world.say(() => `${process.name}: ${JSON.stringify(event)}`);
    if (event.event === 'step') this.#committed(event.step);
    if (event.event === 'worker' && event.state === 'lost') scene.lost.push(event.reason);
    if (event.event === 'run-finished') scene.weightsAre(event.weightsSha256);
  }

  /** The queue, as it is reached from this process. */
  #queue(name: string): Pick<ShardQueue, 'enqueue'> {
    const { world, queues } = this.scene;
    const queue = queues.named(name);
    return {
      enqueue: async (jobs) => {
        await this.clock.sleep(world.random.between(1, 2));
        await queue.enqueue(jobs).catch(async (error: unknown) => {
          await this.clock.sleep(GIVES_UP_MS);
          throw error;
        });
      },
    };
  }

  #committed(step: number): void {
    this.scene.mustBe(
      step === (this.#stepDone ?? 0) + 1,
      `step ${step} was committed after step ${this.#stepDone}`,
    );
    this.#stepDone = step;
  }

  /** The real handler, for a contribution that may be wrong: its worker computes nonsense. */
  async #submit(
    service: ProtocolHandlers,
    header: ContributionHeader,
    payload: GradientBytes,
    receipt: Receipt,
  ): Promise<SubmitOutcome> {
    const { scene } = this;
    if (!this.#isIntact(header, payload)) return service.submit(header, payload, receipt);
    const { shard, session } = header;
    const worker = scene.workers.findLast((each) => each.session === session);
    if (this.#completesStep(shard) && scene.wantsWrongLedger()) {
      return this.#contributeWrongFirst(service, header, payload, receipt);
    }
    if (this.#isRecorded(shard) && scene.wantsOtherBits()) {
      return this.#contributeWrong(service, header, payload, receipt);
    }
    const damaged = this.#isOpen(shard) && worker?.isNotFinite() === true;
    const copy = {
      factored: Uint8Array.from(payload.factored),
      dense: Uint8Array.from(payload.dense),
    };
    const came = damaged ? scene.arithmetic.altered(payload, () => NaN) : payload;
    const sha256 = damaged ? scene.arithmetic.hash(header, came) : header.sha256;
    const id = this.idOf(header.session);
    const outcome = await service.submit({ ...header, sha256 }, came, receipt);
    if (outcome.verdict === 'not-finite' && id !== undefined) this.#contradicted.add(id);
    if (outcome.verdict === 'counted') {
      const isCurrent = shard.term === this.term;
      const otherwise = `a contribution of term ${shard.term} counted in term ${this.term}`;
      scene.mustBe(isCurrent, otherwise);
      if (!damaged && this.#mayDiffer(shard)) {
        await this.#differ(service, header, copy, receipt);
      }
      if (!damaged && worker && scene.wantsLateBits()) {
        this.#contradictLater(service, header, copy, receipt);
      }
    }
    return outcome;
  }

  /** Whether a payload is as its worker sent it. */
  #isIntact(header: ContributionHeader, payload: GradientBytes): boolean {
    try {
      return this.scene.arithmetic.hash(header, payload) === header.sha256;
    } catch {
      return false;
    }
  }

  #isOpen({ term, step }: ShardAttempt): boolean {
    return term === this.term && this.#parts?.steps.state.current?.step === step;
  }

  /** Whether the ledger held the shard's step before this coordinator: it is computed again. */
  #isRecorded(shard: ShardAttempt): boolean {
    return this.#isOpen(shard) && this.#recorded.has(shard.step);
  }

  /** Another worker, with broken memory, contributes the same shard. */
  async #differ(
    service: ProtocolHandlers,
    header: ContributionHeader,
    right: GradientBytes,
    receipt: Receipt,
  ): Promise<void> {
    const { scene } = this;
    const other = scene.workers.find(
      (worker) => worker.session !== header.session && this.idOf(worker.session) !== undefined,
    );
    if (other?.session === undefined || !scene.wantsOtherBits()) return;
    const mine = { ...header, session: other.session };
    await this.#contributeWrong(service, mine, right, receipt);
  }

  /** The worker contributes the shard once more, perhaps after the commit, with other bits. */
  #contradictLater(
    service: ProtocolHandlers,
    header: ContributionHeader,
    right: GradientBytes,
    receipt: Receipt,
  ): void {
    const { world } = this.scene;
    world.after(world.random.between(1, 300), this.process, () => {
      void this.#contributeWrong(service, header, right, receipt);
    });
  }

  async #contributeWrong(
    service: ProtocolHandlers,
    header: ContributionHeader,
    right: GradientBytes,
    receipt: Receipt,
  ): Promise<SubmitOutcome> {
    const { scene } = this;
    const id = this.idOf(header.session);
    const payload = scene.arithmetic.altered(right, (first) => first + 1);
    const sha256 = scene.arithmetic.hash(header, payload);
    const outcome = await service.submit({ ...header, sha256 }, payload, receipt);
    if (outcome.verdict === 'disputed' && id !== undefined) this.#contradicted.add(id);
    scene.world.say(() => `${id} contributes other bits: ${outcome.verdict}`);
    return outcome;
  }

  /** A wrong contribution is committed; the right one follows. */
  async #contributeWrongFirst(
    service: ProtocolHandlers,
    header: ContributionHeader,
    right: GradientBytes,
    receipt: Receipt,
  ): Promise<SubmitOutcome> {
    const payload = this.scene.arithmetic.altered(right, (first) => first + 1);
    const wrong = { ...header, sha256: this.scene.arithmetic.hash(header, payload) };
    const outcome = await service.submit(wrong, payload, receipt);
    this.scene.world.say(() => `a wrong contribution comes first: ${outcome.verdict}`);
    if (outcome.verdict !== 'counted') return outcome;
    this.scene.ledgerIsWrong();
    await service.submit(header, right, receipt);
    return outcome;
  }

  /** Whether a contribution for this shard would be the last of the open step. */
  #completesStep({ step, index }: ShardAttempt): boolean {
    const current = this.#parts?.steps.state.current;
    if (current?.step !== step) return false;
    return current.shards.every(
      ({ shard, counted }) => (counted === undefined) === (shard.index === index),
    );
  }

  /**
   * A wrong contribution that comes first, and is not followed by another before the commit, counts.
   */
  #mayDiffer({ step, index }: ShardAttempt): boolean {
    const progress = this.#parts?.steps.state.current;
    return progress?.step === step && progress.shards[index]?.counted !== undefined;
  }
}
