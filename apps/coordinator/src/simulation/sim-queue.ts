import { LockstepError } from '@lockstep/core';
import { jobId, type ShardJob, type ShardResult } from '@lockstep/queue';
import type { Process, World } from './world.js';

/** How likely the queue errs, each time. */
export interface QueueFaults {
  readonly lose: number;
  readonly duplicate: number;
  readonly reorder: number;
}

interface Consumer {
  readonly process: Process;
  readonly workerId: string;
  readonly handler: (job: ShardJob) => Promise<ShardResult>;
  busy: boolean;
  closed: boolean;
}

const REST_MS = 50;
const TRIP_MS = 2;
const LOCK_MS = 3_000;
const GIVES_UP_MS = 400;

/** A queue that delivers at least once, and at worst not at all; it can be away and be wiped. */
export class SimQueue {
  faults: QueueFaults = { lose: 0, duplicate: 0, reorder: 0 };
  #up = true;
  #era = 0;
  #waiting: ShardJob[] = [];
  readonly #known = new Set<string>();
  readonly #consumers: Consumer[] = [];

  constructor(readonly world: World) {}

  /** The coordinator's end. */
  portOf(process: Process): {
    enqueue(jobs: readonly ShardJob[]): Promise<void>;
  } {
    const { world } = this;
    return {
      enqueue: async (jobs) => {
        await world.sleep(world.dice.between(1, TRIP_MS), process);
        if (!this.#up) {
          await world.sleep(GIVES_UP_MS, process);
          throw new LockstepError('redis-unreachable', 'Redis does not answer');
        }
        for (const job of jobs) this.#add(job);
      },
    };
  }

  /** A worker's end; returns what ends it. */
  consume(
    process: Process,
    workerId: string,
    handler: (job: ShardJob) => Promise<ShardResult>,
  ): () => void {
    const consumer: Consumer = { process, workerId, handler, busy: false, closed: false };
    this.#consumers.push(consumer);
    this.#dispatch();
    return () => {
      consumer.closed = true;
    };
  }

  setUp(up: boolean): void {
    this.#up = up;
    this.#dispatch();
  }

  /** All that waits or is in somebody's hands is forgotten. */
  wipe(): void {
    this.#era += 1;
    this.#waiting = [];
    this.#known.clear();
  }

  #add(job: ShardJob): void {
    const { dice } = this.world;
    if (this.#known.has(jobId(job)) || dice.chance(this.faults.lose)) return;
    this.#known.add(jobId(job));
    this.#wait(job);
    if (dice.chance(this.faults.duplicate)) {
      const era = this.#era;
      this.world.after(dice.between(0, 200), undefined, () => {
        if (era === this.#era) this.#wait(job);
      });
    }
  }

  #wait(job: ShardJob): void {
    const first = job.kind === 'train' && job.attempt > 1;
    if (first !== this.world.dice.chance(this.faults.reorder)) this.#waiting.unshift(job);
    else this.#waiting.push(job);
    this.#dispatch();
  }

  #dispatch(): void {
    if (!this.#up) return;
    for (const consumer of [...this.#consumers]) {
      if (consumer.closed || consumer.process.state === 'dead') {
        this.#consumers.splice(this.#consumers.indexOf(consumer), 1);
        continue;
      }
      if (consumer.busy) continue;
      const training = this.#waiting.findIndex(({ kind }) => kind === 'train');
      const [job] = this.#waiting.splice(Math.max(0, training), 1);
      if (!job) return;
      consumer.busy = true;
      // The one served goes to the end of the line.
      this.#consumers.splice(this.#consumers.indexOf(consumer), 1);
      this.#consumers.push(consumer);
      this.#deliver(consumer, job);
    }
  }

  #deliver(consumer: Consumer, job: ShardJob): void {
    const { world } = this;
    const era = this.#era;
    let over = false;
    const end = (result: ShardResult | 'stalled'): void => {
      consumer.busy = false;
      if (!over && era === this.#era) {
        over = true;
        if (result === 'done') this.#known.delete(jobId(job));
        else {
          world.after(result === 'stalled' ? 0 : REST_MS, undefined, () => {
            if (era === this.#era) this.#wait(job);
          });
        }
      }
      this.#dispatch();
    };
    const stall = (): void => {
      if (over || era !== this.#era) return;
      // A worker that lives renews its lock.
      if (consumer.process.state === 'running') return world.after(LOCK_MS, undefined, stall);
      over = true;
      this.#wait(job);
    };
    world.after(LOCK_MS, undefined, stall);
    world.after(world.dice.between(1, TRIP_MS), consumer.process, () => {
      if (consumer.closed || (job.kind === 'train' && job.notFor?.includes(consumer.workerId))) {
        world.after(1, undefined, () => end('give-back'));
        return;
      }
      void consumer.handler(job).then(
        (result) => world.after(1, consumer.process, () => end(result)),
        () => world.after(1, consumer.process, () => end('done')),
      );
    });
  }
}
