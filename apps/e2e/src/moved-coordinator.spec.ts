import { describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  startClusterCoordinator,
  startClusterRedis,
  startClusterWorker,
  type ClusterAddresses,
} from './harness/cluster.js';
import { createHosts, whyNoTranslation } from './harness/hosts.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';
import { until } from './harness/until.js';

const whyNot = whyNoTranslation();
const RUN = ['--steps', '30', '--batch', '20', '--shard-size', '4', '--checkpoint-every', '5'];
/** The address of the service: that of no host. */
const SERVICE = '10.77.0.100';
/** An attempt to reach the old host lasts until the kernel gives up, after more than two minutes. */
const BOUND_MS = 40_000;

describe.skipIf(whyNot)(`a moved coordinator${whyNot ? ` (skipped: ${whyNot})` : ''}`, () => {
  it('is found again behind its address while an attempt to reach the old host is in flight', async () => {
    const undisturbed = await finished(startTraining(createSandbox(), [...RUN, '--workers', '1']));
    const hosts = await createHosts(['redis', 'old', 'next', 'one']);
    onTestFinished(() => hosts.remove());
    const sandbox = createSandbox(); // ends its processes before the hosts are removed
    const { redis, old, next, one } = hosts.host;
    const { url } = await startClusterRedis(sandbox, redis, 6379);
    const at = (address: string, within = one.within): ClusterAddresses => ({
      ...{ redis: url, coordinator: { address, within }, grpcPort: 5050, httpPort: 8080 },
    });
    const data = ['--data', inject('smallData')];
    const first = startClusterCoordinator(sandbox, at(old.address, old.within), [...RUN, ...data]);
    one.translate(SERVICE, old);
    const worker = startClusterWorker(sandbox, at(SERVICE), one, ['--id', 'one', ...data]);
    const { runId } = await first.event('run-started');
    await first.event('step', ({ step }) => step === 6);

    // As its machine fails: nothing is closed, nothing refused.
    await old.cable({ cut: true });
    first.kill('SIGKILL');
    await until('the worker tries to reach the old host', () => {
      return worker.stderr.includes('"disconnected"') && one.outstandingAttempts() > 0;
    });
    const args = ['--resume', runId];
    const second = startClusterCoordinator(sandbox, at(next.address, next.within), args);
    one.translate(SERVICE, next);
    await second.event('run-started');
    await second.event('state', ({ state }) => state === 'running', BOUND_MS);
    expect(await finished(second)).toBe(undisturbed);
  }, 400_000);
});
