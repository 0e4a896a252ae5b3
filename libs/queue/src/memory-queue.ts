import { LockstepError, systemClock, type Clock } from '@lockstep/core';
import { jobId, type ShardJob } from './shard-job.js';
import {
  GIVE_BACK_DELAY_MS,
  type ConsumeOptions,
  type QueueCounts,
  type QueueHealth,
  type ShardConsumer,
  type ShardQueue,
  type ShardResult,
} from './shard-queue.js';

export interface MemoryQueueOptions {
  /** The machine's own by default. */
  readonly clock?: Clock;
  /** What goes wrong; by default nothing does. */
  readonly faults?: QueueFaults;
}

/** Faults of a queue; each is asked for whenever it could occur. */
export interface QueueFaults {
  /** Whether a job that is queued is lost. */
  loses(): boolean;
  /** After how many milliseconds a job that is queued is delivered again; undefined: never. */
  repeatsAfterMs(): number | undefined;
  /** Whether a job goes to the wrong end of the queue. */
  reorders(): boolean;
  /** How long a job takes to its consumer, and its result back. */
  deliveryMs(): number;
}

/** The process of a consumer, where it can die. */
export interface ConsumerProcess {
  /** Its timers fire only while it runs. */
  readonly clock: Clock;
  state(): 'running' | 'frozen' | 'dead';
}

/** How long a process that does not run keeps its job from others. */
const LOCK_MS = 3_000;

const noFaults: QueueFaults = {
  loses: () => false,
  repeatsAfterMs: () => undefined,
  reorders: () => false,
  deliveryMs: () => 0,
};

/** A queue within one process, with the semantics of the one in Redis; for tests and simulations. */
export class MemoryQueue implements ShardQueue {
  readonly #clock: Clock;
  readonly #faults: QueueFaults;
  readonly #training: ShardJob[] = [];
  readonly #evaluation: ShardJob[] = [];
  readonly #known = new Set<string>();
  /** Cancels the delay of each job that was given back. */
  readonly #delayed = new Set<() => void>();
  readonly #consumers = new Set<MemoryConsumer>();
  #active = 0;
  #failed = 0;
  /** Grows at each `clear`, so that a job of before is forgotten when it ends. */
  #era = 0;
  #isUp = true;

  constructor({ clock = systemClock, faults = noFaults }: MemoryQueueOptions = {}) {
    this.#clock = clock;
    this.#faults = faults;
  }

  /** Whether the queue can be used: while it is down, `enqueue` fails and no job is delivered. */
  setUp(isUp: boolean): void {
    this.#isUp = isUp;
    this.#dispatch();
  }

  enqueue(jobs: readonly ShardJob[]): Promise<void> {
    if (!this.#isUp) {
      return Promise.reject(new LockstepError('redis-unreachable', 'the queue is down'));
    }
    for (const job of jobs) {
      if (this.#known.has(jobId(job)) || this.#faults.loses()) continue;
      this.#known.add(jobId(job));
      this.#wait(structuredClone(job));
      const repeatMs = this.#faults.repeatsAfterMs();
      if (repeatMs !== undefined) this.#waitLater(job, repeatMs);
    }
    this.#dispatch();
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#era += 1;
    this.#training.length = this.#evaluation.length = this.#active = this.#failed = 0;
    this.#known.clear();
    for (const cancel of this.#delayed) cancel();
    this.#delayed.clear();
    return Promise.resolve();
  }

  counts(): Promise<QueueCounts> {
    return Promise.resolve({
      waiting: this.#training.length + this.#evaluation.length,
      active: this.#active,
      delayed: this.#delayed.size,
      failed: this.#failed,
    });
  }

  onAvailability(): () => void {
    return () => undefined;
  }

  health(): Promise<QueueHealth> {
    if (!this.#isUp) return Promise.resolve({ up: false, reason: 'the queue is down' });
    return Promise.resolve({ up: true, latencyMs: 0 });
  }

  async close(): Promise<void> {
    await this.clear();
  }

  /** @param process where the consumer runs; by default it lives as long as the queue */
  consume(options: ConsumeOptions, process?: ConsumerProcess): ShardConsumer {
    const consumer = new MemoryConsumer(options, process, () => this.#consumers.delete(consumer));
    this.#consumers.add(consumer);
    this.#dispatch();
    return consumer;
  }

  #wait(job: ShardJob): void {
    const line = job.kind === 'evaluate' ? this.#evaluation : this.#training;
    const isUrgent = job.kind === 'train' && job.attempt > 1;
    if (isUrgent !== this.#faults.reorders()) line.unshift(job);
    else line.push(job);
  }

  #waitLater(job: ShardJob, ms: number): void {
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(cancel);
      this.#wait(job);
      this.#dispatch();
    });
    this.#delayed.add(cancel);
  }

  #dispatch(): void {
    if (!this.#isUp) return;
    for (const consumer of [...this.#consumers]) {
      if (consumer.processState === 'dead') this.#consumers.delete(consumer);
      if (consumer.processState === 'dead' || !consumer.isFree()) continue;
      const job = this.#training.shift() ?? this.#evaluation.shift();
      if (job === undefined) return;
      this.#active += 1;
      // The consumer goes to the end of the order, so that a job given back comes to another one.
      this.#consumers.delete(consumer);
      this.#consumers.add(consumer);
      consumer.delivery = this.#deliver(consumer, job);
    }
  }

  async #deliver(consumer: MemoryConsumer, job: ShardJob): Promise<void> {
    const delivery = { job, era: this.#era, isOver: false };
    if (consumer.processState !== undefined) this.#watchLock(consumer, delivery);
    const outcome = await consumer.compute(job, () => this.#faults.deliveryMs());
    if (this.#end(delivery)) {
      if (outcome === 'give-back') this.#waitLater(job, consumer.giveBackDelayMs);
      else this.#known.delete(jobId(job));
      if (outcome === 'failed') this.#failed += 1;
    }
    this.#dispatch();
  }

  /** Delivers the job to another consumer once this one's process does not renew its lock. */
  #watchLock(consumer: MemoryConsumer, delivery: Delivery): void {
    this.#clock.after(LOCK_MS, () => {
      if (delivery.isOver || delivery.era !== this.#era) return;
      if (consumer.processState === 'running') return this.#watchLock(consumer, delivery);
      this.#end(delivery);
      this.#wait(delivery.job);
      return this.#dispatch();
    });
  }

  /** @returns whether the delivery was still the queue's */
  #end(delivery: Delivery): boolean {
    if (delivery.isOver || delivery.era !== this.#era) return false;
    delivery.isOver = true;
    this.#active -= 1;
    return true;
  }
}

/** A job at a consumer. */
interface Delivery {
  readonly job: ShardJob;
  readonly era: number;
  isOver: boolean;
}

class MemoryConsumer implements ShardConsumer {
  readonly #options: ConsumeOptions;
  readonly #process: ConsumerProcess | undefined;
  readonly #onClosed: () => void;
  readonly #closing = new AbortController();
  #isBusy = false;
  /** Resolves when the last job and its result have been delivered. */
  delivery: Promise<void> = Promise.resolve();

  constructor(options: ConsumeOptions, process: ConsumerProcess | undefined, onClosed: () => void) {
    this.#options = options;
    this.#process = process;
    this.#onClosed = onClosed;
  }

  /** Undefined where the consumer has no process of its own. */
  get processState(): ReturnType<ConsumerProcess['state']> | undefined {
    return this.#process?.state();
  }

  get giveBackDelayMs(): number {
    if (this.#closing.signal.aborted) return 0;
    return this.#options.giveBackDelayMs ?? GIVE_BACK_DELAY_MS;
  }

  isFree(): boolean {
    return !this.#isBusy && !this.#closing.signal.aborted;
  }

  async compute(job: ShardJob, deliveryMs: () => number): Promise<ShardResult | 'failed'> {
    this.#isBusy = true;
    await this.#process?.clock.sleep(deliveryMs());
    const result = await this.#handle(job);
    await this.#process?.clock.sleep(deliveryMs());
    this.#isBusy = false;
    return result;
  }

  async #handle(job: ShardJob): Promise<ShardResult | 'failed'> {
    const { handler, workerId, onError } = this.#options;
    if (this.#closing.signal.aborted) return 'give-back';
    if (job.kind === 'train' && job.notFor?.includes(workerId)) return 'give-back';
    try {
      return await handler(job, { signal: this.#closing.signal });
    } catch (error) {
      onError?.(error);
      return 'failed';
    }
  }

  onAvailability(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.delivery;
    this.#onClosed();
  }
}
