import {
  startClusterCoordinator,
  startClusterRedis,
  startClusterWorker,
  type ClusterAddresses,
  type Place,
} from './harness/cluster.js';
import { freePort } from './harness/free-port.js';
import type { Lockstep } from './harness/lockstep.js';
import { readLedger } from './harness/run-files.js';
import type { Sandbox } from './harness/sandbox.js';
import { until } from './harness/until.js';

export interface RollingRestart {
  /** How often everything was restarted before the run was over. */
  readonly rounds: number;
  readonly weightsSha256: string;
  /** Jobs that the queue gave up, over all of the run. */
  readonly failedJobs: number;
  /** Steps of the ledger, and how many of them a coordinator had to compute again. */
  readonly steps: number;
  readonly computedAgain: number;
}

/** How a worker ends on SIGTERM during its run. */
const INTERRUPTED = 130;
const HERE: Place = { address: '127.0.0.1' };
const WORKERS = ['one', 'two'];

/**
 * Trains a run while everything is restarted in turn, as an upgrade does: Redis, the coordinator and
 * each worker get SIGTERM and are started anew by the same command, again and again, each time once
 * the one before is back at work.
 *
 * @param runArgs the options of the run for `lockstep coordinator`
 * @param rounds how often; the run must last that long
 */
export async function rollingRestart(
  sandbox: Sandbox,
  runArgs: readonly string[],
  dataArgs: readonly string[],
  rounds: number,
  told: (round: number, step: number) => void = () => undefined,
): Promise<RollingRestart> {
  const [redisPort, grpcPort, httpPort] = [await freePort(), await freePort(), await freePort()];
  let redis = await startClusterRedis(sandbox, HERE, redisPort);
  const addresses: ClusterAddresses = { redis: redis.url, coordinator: HERE, grpcPort, httpPort };
  const lead = (): Lockstep =>
    startClusterCoordinator(sandbox, addresses, [...runArgs, ...dataArgs, '--supervised']);
  const compute = (id: string): Lockstep =>
    startClusterWorker(sandbox, addresses, HERE, [...dataArgs, '--supervised', '--id', id]);

  let coordinator = lead();
  const workers = new Map(WORKERS.map((id) => [id, compute(id)]));
  const { folder } = await coordinator.event('run-started');
  const isOver = (): boolean => coordinator.events.some(({ event }) => event === 'run-finished');
  let failedJobs = 0;
  let computedAgain = 0;
  let done = 0;
  const newStep = async (): Promise<number> => {
    const before = readLedger(folder).length;
    return until('a step is made', () => {
      const now = readLedger(folder).length;
      return now > before && now;
    });
  };
  for (; done < rounds; done++) {
    if (isOver()) break;
    told(done, await newStep());
    redis.kill('SIGTERM');
    await redis.ended;
    redis = await startClusterRedis(sandbox, HERE, redisPort);
    await newStep();

    failedJobs += await failed(httpPort);
    coordinator.kill('SIGTERM');
    await coordinator.ended;
    const recorded = readLedger(folder).length;
    coordinator = lead();
    const { step } = await coordinator.event('step', undefined, 60_000);
    computedAgain += Math.max(0, recorded - step + 1);

    for (const [id, worker] of workers) {
      worker.kill('SIGTERM');
      const code = await worker.ended;
      if (code !== INTERRUPTED)
        throw new Error(`worker ${id} ended with ${code}: ${worker.stderr}`);
      const next = compute(id);
      workers.set(id, next);
      await until(`worker ${id} is ready`, () => {
        if (isOver()) throw new Error(`the run was over before worker ${id} was back`);
        return next.stderr.includes('"msg":"ready"');
      });
    }
  }
  const { weightsSha256 } = await coordinator.event('run-finished', undefined, 600_000);
  failedJobs += await failed(httpPort);
  return {
    rounds: done,
    weightsSha256,
    failedJobs,
    steps: readLedger(folder).length,
    computedAgain,
  };
}

/** Jobs in the queue that were given up; it may take a moment to reach Redis again. */
function failed(httpPort: number): Promise<number> {
  return until('the queue is counted', async () => {
    const response = await fetch(`http://127.0.0.1:${httpPort}/metrics`);
    const text = await response.text();
    const [, count] = /^lockstep_queue_jobs\{state="failed"\} (\d+)$/m.exec(text) ?? [];
    return count === undefined ? undefined : Number(count);
  });
}
