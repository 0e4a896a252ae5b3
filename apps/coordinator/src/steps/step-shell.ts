import {
  advance,
  hasEnded,
  initialMachineState,
  LockstepError,
  presentMoment,
  type Contribution,
  type GradientBytes,
  type MachineEffect,
  type MachineEvent,
  type MachineOptions,
  type MachineState,
  type Moment,
  type PayloadCheck,
  type RunCondition,
  type Shard,
  type Verdict,
} from '@lockstep/core';
import { alarmCatalogue, type AlarmCode } from '@lockstep/observe';
import {
  encodeDrain,
  encodeRunStatus,
  type ContributionHeader,
  type Receipt,
  type ShardAttempt,
} from '@lockstep/protocol';
import type { ShardJob } from '@lockstep/queue';
import type { NewWorker, WorkerRecord } from '../workers/worker-record.js';
import { KeptContributions } from './kept-contributions.js';
import { queueReturns } from './queue-returns.js';
import { trainJob } from './shard-jobs.js';
import type { StepMachine, StepShellParts } from './step-shell-parts.js';
import { contributionFrom, verifyContribution } from './verify-contribution.js';

export interface Judged {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** After a longer part of the heartbeat timeout between two ticks, this process did not run meanwhile. */
const ATTENTION = 0.25;

const ENDED: Judged = { verdict: 'late', reason: 'the run has ended' };

type Effect<Type extends MachineEffect['type']> = Extract<MachineEffect, { type: Type }>;

/**
 * The shell around the step machine: passes events to it one at a time, applies the effects to the
 * worker registry, the queue and the update stream, and keeps the contributions of the open step until
 * the step machine commits it.
 */
export class StepShell {
  readonly #parts: StepShellParts;
  readonly #stepMachine: StepMachine;
  #state: MachineState;
  /** When the run entered its state. */
  #stateSince: Moment;
  /** By the monotonic clock, in milliseconds. */
  #tickedAt: number;
  readonly #kept = new KeptContributions();
  #collecting:
    | {
        resolve(contributions: readonly Contribution[]): void;
        reject(error: LockstepError): void;
      }
    | undefined;
  /** Resolved when the run is running. */
  #waiting: (() => void)[] = [];
  /** Resolved when no committed shard is disputed. */
  #undisputed: (() => void)[] = [];

  constructor(parts: StepShellParts) {
    this.#parts = parts;
    this.#stepMachine = parts.stepMachine ?? advance;
    this.#state = initialMachineState(parts.run);
    this.#stateSince = presentMoment(parts.clock);
    this.#tickedAt = this.#stateSince.monotonicMs;
  }

  get state(): MachineState {
    return this.#state;
  }

  get stateSince(): Moment {
    return this.#stateSince;
  }

  get options(): MachineOptions {
    return this.#parts.options;
  }

  /** Passes an event to the step machine and applies the effects. @returns the verdict, if there is one */
  handle(event: MachineEvent): Judged | undefined {
    const { clock, options } = this.#parts;
    const next = this.#stepMachine(this.#state, event, clock.monotonicNow(), options);
    if (next.state.condition.state !== this.#state.condition.state) {
      this.#stateSince = presentMoment(clock);
    }
    this.#state = next.state;
    if (next.state.lateDisputes.length === 0) for (const go of this.#undisputed.splice(0)) go();
    return next.effects.map((effect) => this.#perform(effect)).find((judged) => judged);
  }

  /** Lets time pass: workers become silent, shards overdue. Call it often. */
  tick(): void {
    const { clock, options, time } = this.#parts;
    time.look(this.#state);
    const now = clock.monotonicNow();
    const afterMs = now - this.#tickedAt;
    this.#tickedAt = now;
    if (afterMs > ATTENTION * options.heartbeatTimeoutMs) this.handle({ type: 'woken', afterMs });
    this.handle({ type: 'tick' });
  }

  /** Resolves as soon as the run is running. */
  untilRunning(): Promise<void> {
    if (this.#state.condition.state === 'running') return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves as soon as no committed shard is disputed. */
  untilUndisputed(): Promise<void> {
    if (this.#state.lateDisputes.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#undisputed.push(resolve));
  }

  /**
   * Opens a step and queues its shards, repeatedly if necessary, until the step machine commits it.
   * One that the ledger holds already must have the same hashes.
   *
   * @returns the counted contributions in shard order
   * @throws LockstepError `internal` if one of them is missing
   */
  collect(step: number, shards: readonly Shard[]): Promise<readonly Contribution[]> {
    this.#parts.timelines.opened(step);
    const recorded = this.#parts.recorded.get(step)?.shards.map(({ sha256 }) => sha256);
    return new Promise((resolve, reject) => {
      this.#collecting = { resolve, reject };
      this.handle({ type: 'step-opened', step, shards, recorded });
    });
  }

  /** Adds a worker to the run; an earlier registration of the same process ends. */
  join(worker: NewWorker): WorkerRecord {
    const { workers, emit } = this.#parts;
    const { id, pid, host, backend } = worker;
    if (workers.byId(id)) {
      const reason = 'it registered anew';
      this.handle({ type: 'worker-gone', worker: id, how: 'lost', reason });
    }
    const record = workers.add(worker);
    this.handle({ type: 'worker-joined', worker: id });
    emit({ event: 'worker', id, pid, host, state: 'joined', reason: `${backend} backend` });
    return record;
  }

  /** Asks a worker to finish its shard and leave; `absent` if no such worker follows the run. */
  drain(id: string, reason: string): 'asked' | 'asked-before' | 'absent' {
    const worker = this.#parts.workers.byId(id);
    if (!worker?.stream) return 'absent';
    if (!worker.startDraining()) return 'asked-before';
    worker.stream.follower.send(encodeDrain(reason));
    return 'asked';
  }

  /** Lets a worker compute a shard attempt, or refuses it. */
  take(worker: WorkerRecord, shard: ShardAttempt): Judged {
    const { log, timelines } = this.#parts;
    const { term } = shard;
    const judged = this.handle({ type: 'taken', worker: worker.id, term, ref: shard });
    log.taken(shard, worker.id, judged?.verdict);
    if (judged?.verdict === 'granted') timelines.taken(shard, worker.id);
    return judged ?? { verdict: 'late', reason: '' };
  }

  /** Verifies a contribution that has arrived whole, and judges it. */
  receive(
    worker: WorkerRecord,
    header: ContributionHeader,
    payload: GradientBytes,
    receipt: Receipt,
  ): Judged {
    const { clock, spec, timelines, workers, log } = this.#parts;
    const started = clock.monotonicNow();
    const { current } = this.#state;
    const open =
      current?.step === header.shard.step ? current.shards[header.shard.index] : undefined;
    // Also of a step that is committed: the hash is compared with the ledger's.
    const check = verifyContribution(spec, open?.shard ?? header, header, payload);
    const checkMs = clock.monotonicNow() - started;
    const judged = this.judge(contributionFrom(worker.id, header, payload, receipt), check);
    if (judged.verdict === 'counted') {
      const payloadBytes = payload.factored.byteLength + payload.dense.byteLength;
      timelines.contributed({ header, worker: worker.id, checkMs, payloadBytes });
    }
    workers.contributed(worker, header, judged.verdict);
    log.contributed(header, worker.id, judged.verdict, judged.reason);
    return judged;
  }

  /** Judges a verified contribution and keeps it while it may still count. */
  judge(contribution: Contribution, check: PayloadCheck): Judged {
    const { runId, term, step, index, attempt, workerId: worker, sha256 } = contribution;
    // Kept before it is judged, because the verdict may complete the step at once.
    const isOpen = this.#state.current?.step === step && check === 'ok';
    const isNew = isOpen && this.#kept.keep(contribution);
    const ref = { step, index, attempt };
    const judged = this.handle({ type: 'contributed', worker, runId, term, ref, sha256, check });
    const mayCount = judged?.verdict === 'counted' || this.#isDisputed(index, sha256);
    if (isNew && !mayCount) this.#kept.drop(contribution);
    return judged ?? ENDED;
  }

  /** Queues jobs other than training; while the queue is unreachable, the run waits. */
  async queueJobs(jobs: readonly ShardJob[]): Promise<void> {
    const attempt = (): Promise<void> => this.#parts.queue.enqueue(jobs);
    await attempt().catch((error: unknown) => this.#loseQueue(error, attempt));
  }

  /** Whether the arbiter may decide that this contribution counts. */
  #isDisputed(index: number, sha256: string): boolean {
    const shard = this.#state.current?.shards[index];
    return shard?.disputed === true && shard.contributions.some((each) => each.sha256 === sha256);
  }

  #perform(effect: MachineEffect): Judged | undefined {
    switch (effect.type) {
      case 'enqueue':
        return void this.#enqueue(effect);
      case 'verdict':
        return { verdict: effect.verdict, reason: effect.reason };
      case 'commit':
        return void this.#commit(effect);
      case 'arbitrate':
        return void this.#arbitrate(effect);
      case 'undecided':
        return void this.#alarm('dispute-undecided', effect.reason);
      case 'condition':
        return void this.#changeCondition(effect.condition);
      case 'worker-lost':
        return void this.#remove(effect.worker, 'lost', effect.reason);
      case 'worker-left':
        return void this.#remove(effect.worker, 'left', effect.reason);
      case 'quarantine':
        return void this.#quarantine(effect);
      case 'fail':
        return void this.#fail(effect);
    }
  }

  #enqueue(order: Effect<'enqueue'>): void {
    const { run, workers, queue, emit, log, traces } = this.#parts;
    const { shard, attempt, reason } = order;
    if (attempt > 1) {
      emit({ event: 'reissue', step: shard.step, index: shard.index, attempt, reason });
      const attempts = this.#state.current?.shards[shard.index]?.attempts;
      const slow = attempts?.[attempt - 2]?.takenBy;
      if (slow !== undefined) workers.reissued(slow);
    }
    log.queued(order);
    traces
      .enqueue(order, (trace) => queue.enqueue([trainJob(run, order, trace)]))
      .catch((error: unknown) =>
        this.#loseQueue(error, () => queue.enqueue([trainJob(run, order)])),
      );
  }

  #commit({ step, hashes }: Effect<'commit'>): void {
    const contributions = this.#kept.takeCommitted(hashes);
    // Fail rather than reduce an incomplete step.
    if (contributions.length === hashes.length) return this.#collecting?.resolve(contributions);
    const message = `step ${step} was committed without all its contributions`;
    this.#collecting?.reject(new LockstepError('internal', message));
  }

  #arbitrate({ step, index }: Effect<'arbitrate'>): void {
    this.#parts.arbiter.compute(step, index).then(
      (result) => this.handle({ type: 'arbitrated', step, index, ...result }),
      (error: unknown) => {
        const { message: reason } = LockstepError.from(error);
        this.handle({ type: 'arbiter-unavailable', step, index, reason });
      },
    );
  }

  #changeCondition({ state, reason }: RunCondition): void {
    const { time, emit, updateStream, replica } = this.#parts;
    time.look(this.#state);
    emit({ event: 'state', state, reason });
    updateStream.broadcast(encodeRunStatus(state, reason));
    // The workers are idle now, and the user may have paused the run to inspect it.
    if (state === 'paused') void replica.catchUp();
    if (state === 'running') for (const go of this.#waiting.splice(0)) go();
  }

  #remove(id: string, how: 'lost' | 'left' | 'quarantined', reason: string): void {
    const worker = this.#parts.workers.remove(id, { how, reason });
    if (!worker) return;
    const { pid, host } = worker;
    this.#parts.emit({ event: 'worker', id, pid, host, state: how, reason });
  }

  /** The reason names the join token, which is what a user revokes if the machine is not known. */
  #quarantine({ worker: id, reason }: Effect<'quarantine'>): void {
    const holder = this.#parts.workers.byId(id)?.holder;
    const token = holder === undefined ? '' : `; its join token is ${holder}`;
    this.#remove(id, 'quarantined', `${reason}${token}`);
  }

  #fail({ code, reason }: Effect<'fail'>): void {
    this.#alarm(code, reason);
    const remedy = alarmCatalogue[code];
    this.#parts.ending.fail(new LockstepError('run-failed', reason, { remedy }));
  }

  #alarm(code: AlarmCode, message: string): void {
    this.#parts.emit({ event: 'alarm', code, message });
  }

  /** The run waits until `attempt`, which queues again what could not be queued, succeeds. */
  #loseQueue(error: unknown, attempt: () => Promise<void>): void {
    const { clock, ending, log } = this.#parts;
    const { queueLostBecause, condition } = this.#state;
    if (queueLostBecause !== undefined || hasEnded(condition.state)) return;
    const { message } = LockstepError.from(error);
    this.#alarm('redis-lost', message);
    this.handle({ type: 'queue-lost', reason: message });
    const stillLost = (reason: string): void => {
      log.queueStillLost(reason);
      this.handle({ type: 'queue-lost', reason });
    };
    const lost = { reason: message, stillLost };
    void queueReturns(attempt, ending.signal, clock, lost).then(() =>
      this.handle({ type: 'queue-restored' }),
    );
  }
}
