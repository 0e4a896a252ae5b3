import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { RunAddresses } from '@lockstep/worker';
import { addressMessage } from './address-channel.js';
import { passOnStderr } from './child-stderr.js';
import { INTERRUPTED } from '../interrupt.js';
import { startChild, type Child } from './child.js';

interface PooledWorker {
  readonly child: Child;
  draining: boolean;
  joined: boolean;
}

/** The worker processes of the local mode, which load while the run is still being prepared. */
export interface WorkerPool {
  /** Tells all workers, and those still to come, where the run is. */
  connect(addresses: RunAddresses): void;
  joined(id: string): void;
  /** The first workers compute, or wait for more: those held back so as not to delay them start. */
  underWay(): void;
  /** Starts or drains workers until there are so many. */
  scaleTo(count: number): void;
  /** A worker was asked to leave by its coordinator: nobody takes its place. */
  letGo(id: string): void;
  /** The run is being interrupted: a worker that ends from now on is not replaced. */
  replaceNoMore(): void;
  /**
   * Starts no more and waits for all to end. Workers that have not joined are killed at once, the
   * others after `graceMs`.
   */
  end(graceMs: number): Promise<void>;
  kill(): void;
}

const RESTART_MS = 250;
/** So many deaths in a row of workers that never joined, and no further one is started. */
const MOST_EARLY_DEATHS = 5;
/** Loading fills a core, and the coordinator needs one: more than this would only delay each other. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);

/**
 * Keeps the wanted number of workers: one that is killed is replaced.
 *
 * @param args the arguments of `lockstep worker`, without `--id` and addresses
 * @param minWorkers so many the run needs to begin with
 */
export function createWorkerPool(
  args: readonly string[],
  minWorkers: number,
  told: {
    /** A worker cannot be kept alive. */
    readonly onTrouble: (message: string) => void;
    /** None of those wanted is left. */
    readonly onNoneLeft: () => void;
  },
): WorkerPool {
  const workers = new Map<string, PooledWorker>();
  const passOn = passOnStderr();
  let addresses: RunAddresses | undefined;
  let wanted = 0;
  let mostNow = Math.max(AT_ONCE, minWorkers);
  let ending = false;
  let earlyDeaths = 0;

  const start = (): void => {
    const id = `worker-${randomBytes(3).toString('hex')}`;
    const child = startChild(['worker', ...args, '--id', id], { onError: passOn });
    if (addresses) child.send(addressMessage(addresses));
    workers.set(id, { child, draining: false, joined: false });
    void child.ended.then((code) => {
      const worker = workers.get(id);
      const expected = ending || (worker?.draining ?? true) || code === 0;
      workers.delete(id);
      if (expected) return;
      if (!worker?.joined) earlyDeaths += 1;
      // Refused, or bad input: the next one would be as well.
      const refused = typeof code === 'number' && code !== INTERRUPTED;
      const hopeless = refused || earlyDeaths >= MOST_EARLY_DEATHS;
      if (!hopeless) return void setTimeout(fill, RESTART_MS).unref();
      told.onTrouble(`worker ${id} ended with ${code} and is not started again`);
      wanted -= 1;
      if (wanted === 0) told.onNoneLeft();
      else fill();
    });
  };
  const staying = (): PooledWorker[] => [...workers.values()].filter(({ draining }) => !draining);
  const fill = (): void => {
    if (ending) return;
    while (staying().length < Math.min(wanted, mostNow)) start();
    for (const worker of staying().slice(wanted)) {
      worker.draining = true;
      worker.child.kill('SIGTERM');
    }
  };
  const kill = (): void => {
    ending = true;
    for (const { child } of workers.values()) child.kill('SIGKILL');
  };

  return {
    connect: (known) => {
      addresses = known;
      for (const { child } of workers.values()) child.send(addressMessage(known));
    },
    joined: (id) => {
      const worker = workers.get(id);
      if (worker) worker.joined = true;
      earlyDeaths = 0;
    },
    underWay: () => {
      mostNow = Infinity;
      fill();
    },
    scaleTo: (count) => {
      wanted = count;
      fill();
    },
    letGo: (id) => {
      const worker = workers.get(id);
      if (!worker || worker.draining) return;
      worker.draining = true;
      wanted = Math.max(0, wanted - 1);
    },
    replaceNoMore: () => {
      ending = true;
    },
    end: async (graceMs) => {
      ending = true;
      const all = Promise.all([...workers.values()].map(({ child }) => child.ended));
      // Workers that still load when the run is over have no shard to finish and none to return.
      for (const { child, joined } of workers.values()) if (!joined) child.kill('SIGKILL');
      if (graceMs === 0) kill();
      const timer = setTimeout(kill, graceMs);
      await all;
      clearTimeout(timer);
    },
    kill,
  };
}
