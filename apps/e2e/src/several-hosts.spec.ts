import { describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  startClusterCoordinator,
  startClusterRedis,
  startClusterWorker,
  type ClusterAddresses,
} from './harness/cluster.js';
import { createHosts, whyNoHosts, type CableState, type Host } from './harness/hosts.js';
import type { Lockstep } from './harness/lockstep.js';
import { REFERENCE } from './harness/reference-run.js';
import { countedShards, readLedger } from './harness/run-files.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

const whyNot = whyNoHosts();
const names = ['redis', 'coordinator', 'one', 'two'] as const;

interface Network {
  readonly host: Readonly<Record<(typeof names)[number], Host>>;
  readonly sandbox: Sandbox;
  readonly run: Lockstep;
}

/** The reference run on four hosts: Redis, the coordinator, and a worker on each of the others. */
async function trainOnHosts(cables: CableState, args: readonly string[] = []): Promise<Network> {
  const hosts = await createHosts(names);
  onTestFinished(() => hosts.remove());
  const sandbox = createSandbox(); // ends its processes before the hosts are removed
  const { host } = hosts;
  for (const name of names) await host[name].cable(cables);
  const { url } = await startClusterRedis(sandbox, host.redis, 6379);
  const addresses: ClusterAddresses = {
    ...{ redis: url, coordinator: host.coordinator, grpcPort: 5050, httpPort: 8080 },
  };
  const data = ['--data', inject('smallData')];
  const run = startClusterCoordinator(sandbox, addresses, [...REFERENCE, ...data, ...args]);
  for (const name of ['one', 'two'] as const) {
    startClusterWorker(sandbox, addresses, host[name], ['--id', name, ...data]);
  }
  return { host, sandbox, run };
}

const bothWorkers = ['--min-workers', '2', '--heartbeat-timeout', '5000'];

describe.skipIf(whyNot)(`several hosts${whyNot ? ` (skipped: ${whyNot})` : ''}`, () => {
  it('with 10 ms latency, 50 Mbit/s and 1 % packet loss end with the same weights', async () => {
    const { run } = await trainOnHosts({ delayMs: 2.5, lossPercent: 0.5, mbit: 50 }, bothWorkers);
    const { folder } = await run.event('run-started');
    expect(await finished(run)).toBe(referenceSha256());
    expect([...countedShards(readLedger(folder)).keys()].sort()).toEqual(['one', 'two']);
  });

  it('end with the same weights when a worker’s link is cut and restored', async () => {
    // Long enough that a silence is noticed before the end.
    const args = ['--min-workers', '2', '--steps', '60'];
    const inPeace = await finished(startReference(createSandbox(), [...args, '--workers', '2']));
    const { run, host } = await trainOnHosts({}, args);
    await run.event('step', ({ step }) => step === 3);
    await host.two.cable({ cut: true });
    const lost = await run.event('worker', ({ id, state }) => id === 'two' && state === 'lost');
    expect(lost.reason).not.toBe('');
    await run.event('state', ({ state, reason }) => {
      return state === 'waiting-for-workers' && /worker/.test(reason);
    });
    await host.two.cable();
    expect(await finished(run)).toBe(inPeace);
    const joined = run.events.filter(
      (event) => event.event === 'worker' && event.id === 'two' && event.state === 'joined',
    );
    expect(joined).toHaveLength(2);
  });

  it('end with the same weights when Redis is cut off and restored', async () => {
    const { run, host } = await trainOnHosts({}, bothWorkers);
    await run.event('step', ({ step }) => step === 3);
    await host.redis.cable({ cut: true });
    await run.event('state', ({ state, reason }) => {
      return state === 'waiting-for-workers' && reason.includes('Redis');
    });
    await host.redis.cable();
    expect(await finished(run)).toBe(referenceSha256());
  });
});
