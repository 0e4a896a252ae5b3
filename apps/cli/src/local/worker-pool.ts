import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { RunAddresses } from '@lockstep/worker';
import { addressMessage } from './address-channel.js';
import { passOnStderr } from './child-stderr.js';
import { INTERRUPTED } from '../interrupt.js';
import { Child } from './child.js';

interface PooledWorker {
  readonly child: Child;
  draining: boolean;
  joined: boolean;
}

const RESTART_MS = 250;
/** After this many deaths in a row of workers that never joined, no further one is started. */
const MOST_EARLY_DEATHS = 5;
/** Loading fills a core, and the coordinator needs one: more workers would only delay each other. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);

/**
 * The worker processes of the local mode, which load while the run is still being prepared. Keeps the
 * wanted number of workers: one that is killed is replaced.
 */
export class WorkerPool {
  readonly #args: readonly string[];
  /** Called where a worker cannot be kept alive. */
  readonly #onTrouble: (message: string) => void;
  /** Called when none of the wanted workers is left. */
  readonly #onNoneLeft: () => void;
  readonly #workers = new Map<string, PooledWorker>();
  readonly #passOn = passOnStderr();
  #addresses: RunAddresses | undefined;
  #wanted = 0;
  #mostNow: number;
  #isEnding = false;
  #earlyDeaths = 0;

  /**
   * @param args the arguments of `lockstep worker`, without `--id` and addresses
   * @param minWorkers how many the run needs to begin
   */
  constructor(
    args: readonly string[],
    minWorkers: number,
    listeners: {
      readonly onTrouble: (message: string) => void;
      readonly onNoneLeft: () => void;
    },
  ) {
    this.#args = args;
    this.#mostNow = Math.max(AT_ONCE, minWorkers);
    this.#onTrouble = listeners.onTrouble;
    this.#onNoneLeft = listeners.onNoneLeft;
  }

  /**
   * Sends the run's addresses to all workers, and to those that are started later. Workers that were
   * sent the address of an earlier coordinator are replaced where the next one has another address.
   */
  connect(addresses: RunAddresses): void {
    const before = this.#addresses?.coordinator;
    this.#addresses = addresses;
    if (before !== undefined && before !== addresses.coordinator) {
      for (const worker of this.#workers.values()) {
        worker.draining = true;
        worker.child.kill('SIGKILL');
      }
      return this.#fill();
    }
    for (const { child } of this.#workers.values()) child.send(addressMessage(addresses));
  }

  joined(id: string): void {
    const worker = this.#workers.get(id);
    if (worker) worker.joined = true;
    this.#earlyDeaths = 0;
  }

  /** The first workers compute, or wait for more: starts those held back so as not to delay them. */
  underWay(): void {
    this.#mostNow = Infinity;
    this.#fill();
  }

  /** Starts or drains workers until there are `count`. */
  scaleTo(count: number): void {
    this.#wanted = count;
    this.#fill();
  }

  /** The coordinator drains a worker: it is not replaced. */
  retireWorker(id: string): void {
    const worker = this.#workers.get(id);
    if (!worker || worker.draining) return;
    worker.draining = true;
    this.#wanted = Math.max(0, this.#wanted - 1);
  }

  /** The run is being interrupted: a worker that ends from now on is not replaced. */
  replaceNoMore(): void {
    this.#isEnding = true;
  }

  /**
   * Starts no more workers and waits for all to end. Those that have not joined are killed at once, the
   * others after `graceMs`.
   */
  async end(graceMs: number): Promise<void> {
    this.#isEnding = true;
    const workers = [...this.#workers.values()];
    const all = Promise.all(workers.map(({ child }) => child.ended));
    // A worker that still loads when the run is over has no shard to finish.
    for (const { child, joined } of workers) if (!joined) child.kill('SIGKILL');
    if (graceMs === 0) this.kill();
    const timer = setTimeout(() => this.kill(), graceMs);
    await all;
    clearTimeout(timer);
  }

  kill(): void {
    this.#isEnding = true;
    for (const { child } of this.#workers.values()) child.kill('SIGKILL');
  }

  #staying(): readonly PooledWorker[] {
    return [...this.#workers.values()].filter(({ draining }) => !draining);
  }

  #fill(): void {
    if (this.#isEnding) return;
    while (this.#staying().length < Math.min(this.#wanted, this.#mostNow)) this.#start();
    for (const worker of this.#staying().slice(this.#wanted)) {
      worker.draining = true;
      worker.child.kill('SIGTERM');
    }
  }

  #start(): void {
    const id = `worker-${randomBytes(3).toString('hex')}`;
    const child = new Child(['worker', ...this.#args, '--id', id], { onError: this.#passOn });
    if (this.#addresses) child.send(addressMessage(this.#addresses));
    this.#workers.set(id, { child, draining: false, joined: false });
    void child.ended.then((code) => this.#onEnded(id, code));
  }

  #onEnded(id: string, code: number | string): void {
    const worker = this.#workers.get(id);
    const isExpected = this.#isEnding || (worker?.draining ?? true) || code === 0;
    this.#workers.delete(id);
    if (isExpected) return;
    if (!worker?.joined) this.#earlyDeaths += 1;
    // Refused, or bad input: the next one would be as well.
    const isRefused = typeof code === 'number' && code !== INTERRUPTED;
    if (!isRefused && this.#earlyDeaths < MOST_EARLY_DEATHS) {
      setTimeout(() => this.#fill(), RESTART_MS).unref();
      return;
    }
    this.#onTrouble(`worker ${id} ended with ${code} and is not started again`);
    this.#wanted -= 1;
    if (this.#wanted === 0) this.#onNoneLeft();
    else this.#fill();
  }
}
