import { jobId, type ShardJob } from './shard-job.js';
import {
  GIVE_BACK_DELAY_MS,
  type ConsumeOptions,
  type QueueCounts,
  type ShardConsumer,
  type ShardQueue,
} from './shard-queue.js';

/** A queue within one process, with the semantics of the one in Redis; for tests and simulations. */
export interface MemoryQueue extends ShardQueue {
  consume(options: ConsumeOptions): ShardConsumer;
}

export function createMemoryQueue(): MemoryQueue {
  return new InMemory();
}

class InMemory implements MemoryQueue {
  readonly #training: ShardJob[] = [];
  readonly #evaluation: ShardJob[] = [];
  readonly #known = new Set<string>();
  readonly #resting = new Set<NodeJS.Timeout>();
  readonly #consumers = new Set<MemoryConsumer>();
  #active = 0;
  #failed = 0;
  /** Grows at each `clear`, so that a job of before is forgotten when it ends. */
  #era = 0;

  enqueue(jobs: readonly ShardJob[]): Promise<void> {
    for (const job of jobs) {
      if (this.#known.has(jobId(job))) continue;
      this.#known.add(jobId(job));
      this.#wait(structuredClone(job));
    }
    this.#dispatch();
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#era += 1;
    this.#training.length = this.#evaluation.length = this.#active = this.#failed = 0;
    this.#known.clear();
    this.#resting.forEach(clearTimeout);
    this.#resting.clear();
    return Promise.resolve();
  }

  counts(): Promise<QueueCounts> {
    return Promise.resolve({
      waiting: this.#training.length + this.#evaluation.length,
      active: this.#active,
      delayed: this.#resting.size,
      failed: this.#failed,
    });
  }

  onAvailability(): () => void {
    return () => undefined;
  }

  health(): Promise<{ up: boolean; latencyMs: number }> {
    return Promise.resolve({ up: true, latencyMs: 0 });
  }

  async close(): Promise<void> {
    await this.clear();
  }

  consume(options: ConsumeOptions): ShardConsumer {
    const consumer = new MemoryConsumer(options, {
      ready: () => this.#dispatch(),
      closed: (gone) => this.#consumers.delete(gone),
    });
    this.#consumers.add(consumer);
    this.#dispatch();
    return consumer;
  }

  #wait(job: ShardJob): void {
    if (job.kind === 'evaluate') this.#evaluation.push(job);
    else if (job.attempt > 1) this.#training.unshift(job);
    else this.#training.push(job);
  }

  #dispatch(): void {
    for (const consumer of [...this.#consumers]) {
      if (!consumer.isFree()) continue;
      const job = this.#training.shift() ?? this.#evaluation.shift();
      if (job === undefined) return;
      this.#active += 1;
      // The one served goes to the end of the line, so that a job given back comes to others.
      this.#consumers.delete(consumer);
      this.#consumers.add(consumer);
      void this.#run(consumer, job, this.#era);
    }
  }

  async #run(consumer: MemoryConsumer, job: ShardJob, era: number): Promise<void> {
    const outcome = await consumer.compute(job);
    if (era === this.#era) {
      this.#active -= 1;
      if (outcome === 'give-back') this.#rest(job, consumer.restMs);
      else this.#known.delete(jobId(job));
      if (outcome === 'failed') this.#failed += 1;
    }
    this.#dispatch();
  }

  #rest(job: ShardJob, restMs: number): void {
    const timer = setTimeout(() => {
      this.#resting.delete(timer);
      this.#wait(job);
      this.#dispatch();
    }, restMs);
    this.#resting.add(timer);
  }
}

interface Queueside {
  ready(): void;
  closed(consumer: MemoryConsumer): void;
}

class MemoryConsumer implements ShardConsumer {
  readonly #options: ConsumeOptions;
  readonly #queue: Queueside;
  readonly #closing = new AbortController();
  #paused = false;
  #currentShard: Promise<unknown> | undefined;

  constructor(options: ConsumeOptions, queue: Queueside) {
    this.#options = options;
    this.#queue = queue;
  }

  isFree(): boolean {
    return this.#currentShard === undefined && !this.#paused && !this.#closing.signal.aborted;
  }

  get restMs(): number {
    if (this.#paused || this.#closing.signal.aborted) return 0;
    return this.#options.giveBackDelayMs ?? GIVE_BACK_DELAY_MS;
  }

  async compute(job: ShardJob): Promise<'done' | 'give-back' | 'failed'> {
    const { handler, workerId, onError } = this.#options;
    if (job.kind === 'train' && job.notFor?.includes(workerId)) return 'give-back';
    try {
      const work = handler(job, { signal: this.#closing.signal });
      this.#currentShard = work;
      return await work;
    } catch (error) {
      onError?.(error);
      return 'failed';
    } finally {
      this.#currentShard = undefined;
    }
  }

  pause(): Promise<void> {
    this.#paused = true;
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.#paused = false;
    this.#queue.ready();
    return Promise.resolve();
  }

  onAvailability(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#currentShard?.then(
      () => undefined,
      () => undefined,
    );
    this.#queue.closed(this);
  }
}
