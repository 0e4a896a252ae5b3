import { shardsPerStep, type LockstepError, type RunSpec } from '@lockstep/core';
import type { QueueFaults } from '@lockstep/queue';
import { encodeRunRecord, loadLastCheckpoint, readLedger } from '@lockstep/store';
import { Platter } from '@lockstep/store/memory';
import { smallSpec } from '@lockstep/core/testing';
import {
  bytesOf,
  createArithmetic,
  hashOf,
  simulatedModel,
  truthOf,
  type Arithmetic,
  type Truth,
} from './arithmetic.js';
import { scheduleFaults } from './faults.js';
import { checkFlooded } from './flood.js';
import type { Scene, SceneCoordinator, SceneWorker, SimulationSettings } from './scene.js';
import { SimCoordinator } from './sim-coordinator.js';
import { SimNetwork } from './sim-network.js';
import { SimQueues } from './sim-queues.js';
import { SimWorker } from './sim-worker.js';
import { World } from './world.js';

/** What became of one seed. */
export interface SimulationResult {
  readonly seed: number;
  /** What was violated; empty where all is well. */
  readonly violations: readonly string[];
  /** Virtual milliseconds. */
  readonly tookMs: number;
  readonly terms: number;
  /** Why workers were lost. */
  readonly lost: readonly string[];
}

/** Once faults have stopped, a run has this long, in virtual milliseconds. */
const PATIENCE_MS = 120_000;
const RESTART_MS = 300;

/** A run of the real coordinator in a world where everything goes wrong, as one seed decides. */
export class Simulation implements Scene {
  readonly runId = 'run';
  readonly world: World;
  readonly spec: RunSpec;
  readonly arithmetic: Arithmetic;
  readonly platter: Platter = new Platter();
  readonly network: SimNetwork;
  readonly queues: SimQueues;
  /** How likely the queue errs, each time. */
  queueFaults = { lose: 0, duplicate: 0, reorder: 0 };
  readonly settings: SimulationSettings & {
    readonly checkpointEvery: number;
    readonly proveEvery: number;
  };
  readonly #truth: Truth;
  readonly #violations: string[] = [];
  readonly coordinators: SimCoordinator[] = [];
  readonly workers: SimWorker[] = [];
  /** Whom workers reach at the coordinator's address. */
  leader: SimCoordinator | undefined;
  otherBits = 0;
  lateBits = 0;
  wrongLedgers = 0;
  #undetected = 0;
  diskIsFull = false;
  readonly lost: string[] = [];
  #over = false;
  #pids = 100;

  constructor(
    readonly seed: number,
    settings: SimulationSettings,
  ) {
    this.world = new World(seed, settings.trace);
    const { random } = this.world;
    const shards = random.between(2, 4);
    const batch = shards * 3 - random.between(0, 2);
    this.spec = smallSpec({
      model: simulatedModel,
      batch,
      shardSize: 3,
      steps: random.between(3, 7),
    });
    this.arithmetic = createArithmetic(this.spec, random.chance(0.05));
    const proveEvery = random.between(1, 4);
    this.settings = { ...settings, checkpointEvery: random.between(1, 3), proveEvery };
    this.#truth = truthOf(this.spec, this.arithmetic);
    this.network = new SimNetwork(this.world);
    const clock = this.world.clockOf(undefined);
    this.queues = new SimQueues(clock, this.#queueErrors());
    const names = { runId: this.runId, model: 'small', data: 'small', createdAt: 'now' };
    this.platter.plant('spec.json', encodeRunRecord({ ...names, spec: this.spec }));
  }

  async run(): Promise<SimulationResult> {
    const { random } = this.world;
    this.startCoordinator('host-0');
    for (let i = random.between(1, 4); i > 0; i--) this.startWorker();
    const quietAt = (this.settings.faults ?? scheduleFaults)(this);
    const finished = await this.world.run(
      () => this.#over || this.#violations.length > 0,
      quietAt + PATIENCE_MS,
    );
    if (finished) await this.#check();
    else
      this.#violations.push(`not finished ${PATIENCE_MS} ms after the last fault: ${this.#why()}`);
    for (const { process } of [...this.coordinators, ...this.workers]) this.world.kill(process);
    return {
      seed: this.seed,
      violations: this.#violations,
      tookMs: this.world.now,
      terms: this.coordinators.length,
      lost: this.lost,
    };
  }

  startCoordinator(host: string): void {
    this.leader = new SimCoordinator(this, host, this.#pids++);
    this.coordinators.push(this.leader);
  }

  startWorker(id = `worker-${this.#pids}`): SimWorker {
    const worker = new SimWorker(this, id, this.#pids++);
    this.workers.push(worker);
    return worker;
  }

  /** A supervisor restarts a worker that was refused; a quarantined one under another name. */
  replace(worker: SceneWorker, { code, message }: LockstepError): void {
    this.world.say(() => `${worker.process.name}: ended, ${code}: ${message}`);
    this.mustBe(code === 'worker-refused', `a worker failed: ${message}`);
    this.world.kill(worker.process);
    const id = message.startsWith('quarantined') ? undefined : worker.id;
    this.world.after(RESTART_MS, undefined, () => this.startWorker(id));
  }

  #queueErrors(): QueueFaults {
    const { random } = this.world;
    return {
      loses: () => random.chance(this.queueFaults.lose),
      repeatsAfterMs: () =>
        random.chance(this.queueFaults.duplicate) ? random.between(0, 200) : undefined,
      reorders: () => random.chance(this.queueFaults.reorder),
      deliveryMs: () => random.between(1, 2),
    };
  }

  isAlive(pid: number): boolean {
    return this.coordinators.some((each) => each.pid === pid && each.process.state !== 'dead');
  }

  wantsOtherBits(): boolean {
    if (this.otherBits === 0 || !this.world.random.chance(0.3)) return false;
    this.otherBits -= 1;
    return true;
  }

  wantsLateBits(): boolean {
    if (this.lateBits === 0 || !this.world.random.chance(0.5)) return false;
    this.lateBits -= 1;
    return true;
  }

  wantsWrongLedger(): boolean {
    if (this.wrongLedgers === 0) return false;
    this.wrongLedgers -= 1;
    return true;
  }

  ledgerIsWrong(): void {
    this.#undetected += 1;
  }

  finished(): void {
    this.#over = true;
  }

  /** A coordinator has ended by itself; whatever keeps it running begins the next one. */
  ended(coordinator: SceneCoordinator, error: LockstepError): void {
    this.world.say(() => `${coordinator.process.name}: ended, ${error.code}: ${error.message}`);
    this.world.kill(coordinator.process);
    const cannotBegin = error.code === 'disk-full' && !coordinator.hasBegun;
    const isRefuted = error.code === 'run-failed' && this.#undetected-- > 0;
    this.mustBe(
      error.code === 'run-locked' || cannotBegin || isRefuted,
      `a coordinator failed: ${error.message}`,
    );
    if (this.leader !== coordinator) return;
    // Whoever holds the lock and lives is found at the address again.
    const holder = this.coordinators.findLast(
      ({ process, term }) => process.state === 'running' && term > 0,
    );
    if (holder) this.leader = holder;
    else this.world.after(RESTART_MS, undefined, () => this.startCoordinator(coordinator.host));
  }

  mustBe(condition: boolean, otherwise: string): void {
    if (condition) return;
    this.world.say(() => `VIOLATION: ${otherwise}`);
    this.#violations.push(otherwise);
  }

  weightsAre(sha256: string): void {
    const right = hashOf(bytesOf(this.#truth.weights));
    this.mustBe(sha256 === right, 'the final weights are not those of a run without faults');
  }

  /** An update has gone out: its step must be in the ledger, unless a later term has taken over. */
  published(coordinator: SceneCoordinator, version: number): void {
    const newest = Math.max(...this.coordinators.map(({ term }) => term));
    if (coordinator.term < newest) return;
    const text = Buffer.from(this.platter.peek('ledger.jsonl') ?? []).toString();
    const lines = text.split('\n').length - 1;
    this.mustBe(lines >= version, `version ${version} is out, the ledger has ${lines} steps`);
  }

  /** A superseded coordinator has changed a file once its successor had opened the run. */
  wrote(coordinator: SceneCoordinator, path: string): void {
    const isOwn = path.startsWith('terms/') || path.endsWith('.tmp');
    const isOver = this.coordinators.some((each) => each.hasOpened && each.term > coordinator.term);
    this.mustBe(
      isOwn || !isOver,
      `term ${coordinator.term} changed ${path} after it was superseded`,
    );
  }

  /** After the end: the ledger counts every sample of every step once, and the state is saved. */
  async #check(): Promise<void> {
    const disk = this.platter.process();
    const { entries } = await readLedger(disk, this.runId);
    const { steps, batch } = this.spec;
    this.mustBe(this.#undetected <= 0, 'a wrong contribution stayed in the ledger');
    this.mustBe(entries.length === steps, `the ledger has ${entries.length} of ${steps} steps`);
    for (const { entry } of entries) {
      const indices = entry.shards.map(({ index }) => index).join();
      const samples = entry.shards.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
      const right = this.#truth.hashes[entry.step - 1];
      const all = Array.from({ length: shardsPerStep(this.spec) }, (_, i) => i).join();
      this.mustBe(indices === all, `step ${entry.step} counts shards ${indices}`);
      this.mustBe(samples === batch, `step ${entry.step} counts ${samples} of ${batch} samples`);
      const equal = entry.shards.every(({ sha256, index }) => sha256 === right?.[index]);
      this.mustBe(equal, `step ${entry.step} counts another answer than the right one`);
    }
    const { checkpoint, damaged } = await loadLastCheckpoint(disk, this.spec);
    this.mustBe(checkpoint?.version === steps, `the checkpoint is of ${checkpoint?.version}`);
    this.weightsAre(checkpoint ? hashOf(checkpoint.state) : '');
    this.mustBe(damaged.length === 0, damaged.join());
    const events = Buffer.from(this.platter.peek('events.jsonl') ?? []).toString();
    const flooded = checkFlooded(events, this.coordinators.length);
    this.mustBe(flooded === undefined, flooded ?? '');
  }

  #why(): string {
    return this.leader?.status() ?? 'no coordinator leads';
  }
}

/** Plays one seed; equal seeds are played equally. */
export function simulate(
  seed: number,
  settings: SimulationSettings = {},
): Promise<SimulationResult> {
  return new Simulation(seed, settings).run();
}

/** Simulations that share the turns of the event loop: each turn costs more than what happens in it. */
const AT_ONCE = 16;

/** Plays seeds `from` to `to - 1`; stops early once `enough` of them were violated. */
export async function simulateMany(
  from: number,
  to: number,
  settings: SimulationSettings = {},
  enough = Infinity,
): Promise<{ played: number; terms: number; failures: readonly SimulationResult[] }> {
  const failures: SimulationResult[] = [];
  let terms = 0;
  let next = from;
  const player = async (): Promise<void> => {
    while (next < to && failures.length < enough) {
      const result = await simulate(next++, settings);
      terms += result.terms;
      if (result.violations.length > 0) failures.push(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, player));
  failures.sort((a, b) => a.seed - b.seed);
  return { played: next - from, terms, failures };
}
