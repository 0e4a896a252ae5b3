import {
  contributionHash,
  LockstepError,
  type GradientBytes,
  type ShardTotals,
} from '@lockstep/core';
import type {
  ContributionHeader,
  ProtocolHandlers,
  Receipt,
  ShardAttempt,
  StateProof,
  SubmitOutcome,
} from '@lockstep/protocol';
import type { RunGiven, RunParts } from '../run/assemble-run.js';
import { describeRun } from '../run/describe-run.js';
import { leadRun } from '../run/run.js';
import { probeNumerics } from '../run/probe-numerics.js';
import { takeUp } from '../run/open-run.js';
import { createService, type ServiceParts } from '../service/coordinator-service.js';
import { parseRunRecord, takeRunLock } from '@lockstep/store';
import { createSimEngine } from './sim-engine.js';
import type { Simulation } from './simulation.js';
import { newProcess, type Process } from './world.js';

const HEARTBEAT_TIMEOUT_MS = 1_000;

/** One life of a coordinator: the real one, from its lock to its end, in a simulated process. */
export class SimCoordinator {
  readonly process: Process;
  readonly handlers: ProtocolHandlers;
  term = 0;
  parts: RunParts | undefined;
  #admit: (parts: ServiceParts) => void = () => undefined;
  #stepDone: number | undefined;

  constructor(
    readonly simulation: Simulation,
    readonly host: string,
    readonly pid: number,
  ) {
    this.process = newProcess(`coordinator-${pid}@${host}`);
    const ready = new Promise<ServiceParts>((resolve) => (this.#admit = resolve));
    const described = ready.then(({ description }) => description);
    this.handlers = createService(ready, described);
    this.#lead().then(
      () => simulation.finished(this),
      (error: unknown) => simulation.ended(this, LockstepError.from(error)),
    );
  }

  async #lead(): Promise<void> {
    const { world, platter, arithmetic, queue, settings } = this.simulation;
    const { process } = this;
    const clock = world.clockOf(process);
    const now = (): number => clock.now();
    const disk = platter.process({
      isFull: () => this.simulation.diskIsFull,
      delay: () => world.sleep(world.dice.between(0, 2), process),
    });
    const record = parseRunRecord((await disk.read('spec.json')) ?? new Uint8Array(), 'spec.json');
    const isAlive = (pid: number): boolean => this.simulation.isAlive(pid);
    const lock = await takeRunLock(disk, now, { host: this.host, pid: this.pid, isAlive });
    this.term = lock.term;
    world.say(() => `${process.name}: leads term ${lock.term}`);
    const engine = createSimEngine(world, process, arithmetic, () => world.dice.between(0, 3));
    const folder = { path: 'run', disk, record };
    const description = describeRun(record, lock.term, HEARTBEAT_TIMEOUT_MS, false);
    await engine.run('prepare', { spec: record.spec, model: record.model });
    const opened = {
      ...(await takeUp({ folder, lock, engine, from: undefined, now })),
      resumed: true,
    };
    world.say(() => `${process.name}: goes on from version ${opened.version}`);
    this.#stepDone = opened.version;
    const given: RunGiven = {
      ...{ engine, clock, description },
      numerics: await probeNumerics(engine, record.spec),
      opened: { ...opened, ledger: settings.ledger?.(opened.ledger, this) ?? opened.ledger },
      queue: queue.portOf(process),
      ...(settings.stepMachine ? { stepMachine: settings.stepMachine } : {}),
      options: {
        ...{ run: { resume: 'run' }, out: '.', redis: 'sim', grpc: 'sim' },
        ...{ evalEvery: 3, checkpointEvery: settings.checkpointEvery },
        ...{ proveEvery: settings.proveEvery, minWorkers: 1 },
        ...{ heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, onAlarm: 'continue' },
        onEvent: (event) => {
          world.say(() => `${process.name}: ${JSON.stringify(event)}`);
          if (event.event === 'step') this.#committed(event.step);
          if (event.event === 'run-finished') this.simulation.weightsAre(event.weightsSha256);
        },
      },
    };
    await leadRun(given, new AbortController().signal, (parts) => {
      this.parts = parts;
      this.#admit({ ...parts, updateStream: this.#watched(parts.updateStream) });
    });
    opened.ledger.close();
    await lock.release();
  }

  #committed(step: number): void {
    this.simulation.mustBe(
      step === (this.#stepDone ?? 0) + 1,
      `step ${step} was committed after step ${this.#stepDone}`,
    );
    this.#stepDone = step;
  }

  /** Followers whose updates are checked: no worker may see a step that the ledger does not hold. */
  #watched(updateStream: ServiceParts['updateStream']): ServiceParts['updateStream'] {
    return {
      sendEarly: (author, section) => updateStream.sendEarly(author, section),
      follow: (worker, follower, holding) => {
        const send = (message: Parameters<typeof follower.send>[0]): void => {
          void this.simulation.decode(message).then((event) => {
            if (event?.kind === 'update') this.simulation.published(this, event.version);
          });
          follower.send(message);
        };
        return updateStream.follow(worker, { ...follower, send }, holding);
      },
    };
  }

  /** What the server's end of a submission does, for an answer that may be wrong. */
  async submit(
    session: string,
    answer: {
      readonly shard: ShardAttempt;
      readonly totals: ShardTotals;
      readonly payload: GradientBytes;
      readonly factoredSha256: string;
      readonly sha256: string;
      readonly proof: StateProof | undefined;
    },
    how: 'right' | 'wrong-hash' | 'not-finite' | 'old-term',
  ): Promise<SubmitOutcome> {
    const { simulation } = this;
    if (how === 'wrong-hash') return { verdict: 'wrong-hash', message: 'altered on the way' };
    const { totals, shard: given } = answer;
    const shard = how === 'old-term' ? { ...given, term: given.term - 1 } : given;
    const { altered } = simulation.arithmetic;
    const damaged = how === 'not-finite' && this.#mayBeNotFinite(shard);
    const payload = damaged ? altered(answer.payload, () => NaN) : structuredClone(answer.payload);
    const sha256 = contributionHash(totals, payload);
    const { runId } = simulation;
    const { proof } = answer;
    const header = { session, runId, shard, wire: 'f32' as const, sha256, proof, ...totals };
    const { factoredSha256 } = answer;
    await this.handlers.factors(header, { factored: payload.factored, factoredSha256 });
    const receipt: Receipt = { hashMs: 0, factoredSha256 };
    const outcome = await this.handlers.submit(header, payload, receipt);
    simulation.world.say(
      () => `${this.process.name}: answer to ${JSON.stringify(shard)}: ${outcome.verdict}`,
    );
    if (outcome.verdict === 'counted') {
      const mine = shard.term === this.term;
      simulation.mustBe(mine, `an answer of term ${shard.term} counted in term ${this.term}`);
      if (!damaged && this.#mayDiffer(shard)) {
        await this.#differ(session, header, payload, receipt);
      }
    }
    return outcome;
  }

  /** One worker's NaN must not be taken for a diverged run. */
  #mayBeNotFinite({ step, index }: ShardAttempt): boolean {
    const current = this.parts?.steps.state.current;
    return current?.step === step && current.shards[index]?.notFinite.length === 0;
  }

  /** Another worker, one with a broken memory, says that it has computed the same shard. */
  async #differ(
    session: string,
    header: ContributionHeader,
    right: GradientBytes,
    receipt: Receipt,
  ): Promise<void> {
    const { simulation } = this;
    const other = simulation.workers.find(
      (worker) => worker.session !== session && this.#isMember(worker.session),
    );
    if (other?.session === undefined || !simulation.wantsOtherBits()) return;
    const payload = simulation.arithmetic.altered(right, (first) => first + 1);
    const sha256 = contributionHash(header, payload);
    const lie = { ...header, session: other.session, sha256 };
    const { verdict } = await this.handlers.submit(lie, payload, receipt);
    simulation.world.say(() => `${other.process.name} answers with other bits: ${verdict}`);
  }

  #isMember(session: string | undefined): boolean {
    return session !== undefined && this.parts?.workers.bySession(session) !== undefined;
  }

  /**
   * Another answer can be told from the right one only beside a right one, before the commit, and
   * with a further worker to decide.
   */
  #mayDiffer({ step, index }: ShardAttempt): boolean {
    const progress = this.parts?.steps.state.current;
    return progress?.step === step && progress.shards[index]?.counted !== undefined;
  }
}
