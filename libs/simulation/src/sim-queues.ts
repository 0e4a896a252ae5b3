import type { Clock } from '@lockstep/core';
import { MemoryQueue, type QueueFaults } from '@lockstep/queue';

/** A Redis: the queues in it, by name, which fail together. */
export class SimQueues {
  readonly #clock: Clock;
  readonly #faults: QueueFaults;
  readonly #queues = new Map<string, MemoryQueue>();
  #isUp = true;

  constructor(clock: Clock, faults: QueueFaults) {
    this.#clock = clock;
    this.#faults = faults;
  }

  named(name: string): MemoryQueue {
    const existing = this.#queues.get(name);
    if (existing) return existing;
    const queue = new MemoryQueue({ clock: this.#clock, faults: this.#faults });
    queue.setUp(this.#isUp);
    this.#queues.set(name, queue);
    return queue;
  }

  setUp(isUp: boolean): void {
    this.#isUp = isUp;
    for (const queue of this.#queues.values()) queue.setUp(isUp);
  }

  /** Loses every job. */
  wipe(): void {
    for (const queue of this.#queues.values()) void queue.clear();
  }
}
