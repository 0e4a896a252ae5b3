import { describe, expect, inject, it } from 'vitest';
import {
  startClusterCoordinator,
  startClusterRedis,
  startClusterWorker,
  type ClusterAddresses,
  type Place,
} from './harness/cluster.js';
import { freePort } from './harness/free-port.js';
import type { Lockstep } from './harness/lockstep.js';
import { REFERENCE } from './harness/reference-run.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256 } from './harness/train.js';
import { until } from './harness/until.js';

const status = async (port: number, path: string): Promise<number | undefined> =>
  (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined))?.status;

describe('processes that a supervisor restarts', () => {
  it('go on with the run at the same command, and stay when it has ended', async () => {
    const sandbox = createSandbox();
    const here: Place = { address: '127.0.0.1' };
    const [grpcPort, httpPort, probes] = [await freePort(), await freePort(), await freePort()];
    const redis = await startClusterRedis(sandbox, here, await freePort());
    const addresses: ClusterAddresses = {
      ...{ redis: redis.url, coordinator: here, grpcPort, httpPort },
    };
    const data = ['--data', inject('smallData')];
    const lead = (): Lockstep =>
      startClusterCoordinator(sandbox, addresses, [...REFERENCE, ...data, '--supervised']);
    const worker = startClusterWorker(sandbox, addresses, here, [
      ...[...data, '--supervised', '--http', `127.0.0.1:${probes}`],
    ]);

    const first = lead();
    const { runId } = await first.event('run-started');
    await first.event('step', ({ step }) => step === 3);
    expect(await status(probes, '/readyz')).toBe(200);
    first.kill('SIGTERM');
    await first.ended;
    // The run has been stopped, and a worker that would leave now would be missed.
    expect(await status(probes, '/healthz')).toBe(200);

    const second = lead();
    expect(await second.event('run-started')).toMatchObject({ runId });
    const { weightsSha256 } = await second.event('run-finished');
    expect(weightsSha256).toBe(referenceSha256());
    await until('the worker knows that the run is over', () => worker.stderr.includes('"idle"'));
    expect(await status(httpPort, '/readyz')).toBe(200);
    expect(await status(httpPort, '/api/run')).toBe(200);
    expect(await status(probes, '/readyz')).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${probes}/metrics`)).text();
    expect(metrics).toMatch(/^lockstep_worker_answers_total\{verdict="counted"\} [1-9]/m);

    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    second.kill('SIGTERM');
    expect(await finished(second)).toBe(referenceSha256());
  });
});
