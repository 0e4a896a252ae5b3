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

const INTERRUPTED = 130;

describe('processes that a supervisor restarts', () => {
  it('resume the run with the same command, and keep running when it has ended', async () => {
    const sandbox = createSandbox();
    const here: Place = { address: '127.0.0.1' };
    const [grpcPort, httpPort, probes] = [await freePort(), await freePort(), await freePort()];
    const redisPort = await freePort();
    const redis = `redis://127.0.0.1:${redisPort}`;
    const addresses: ClusterAddresses = { redis, coordinator: here, grpcPort, httpPort };
    const data = ['--data', inject('smallData')];
    const lead = (...changed: string[]): Lockstep =>
      startClusterCoordinator(sandbox, addresses, [
        ...[...REFERENCE, ...data, '--supervised', ...changed],
      ]);
    const worker = startClusterWorker(sandbox, addresses, here, [
      ...[...data, '--supervised', '--http', `127.0.0.1:${probes}`],
    ]);

    // As the pod of a Job: a supervisor counts it as done when it ends with 0.
    const compute = (): Lockstep =>
      startClusterWorker(sandbox, addresses, here, [
        ...[...data, '--supervised', '--leave-when', 'finished'],
      ]);
    let ofJob = compute();

    const first = lead();
    // Redis comes last: both wait for it, alive and not ready, and say so once.
    for (const [port, process] of [[httpPort, first] as const, [probes, worker] as const]) {
      await until('it waits for Redis', () => process.stderr.includes('"waiting"'));
      expect(await status(port, '/healthz')).toBe(200);
      expect(await status(port, '/readyz')).toBe(503);
    }
    const asked = await fetch(`http://127.0.0.1:${httpPort}/readyz`);
    expect(await asked.text()).toContain('does not accept connections');
    await startClusterRedis(sandbox, here, redisPort);
    const { runId } = await first.event('run-started');
    await first.event('step', ({ step }) => step === 3);
    expect(first.stderr.match(/does not accept connections/g)).toHaveLength(1);
    // The other worker may have computed these steps alone.
    await until('it is ready', async () => (await status(probes, '/readyz')) === 200);
    first.kill('SIGTERM');
    await first.ended;
    // The run has been stopped, and a worker that would leave now would be missed.
    expect(await status(probes, '/healthz')).toBe(200);

    const second = lead();
    expect(await second.event('run-started')).toMatchObject({ runId });
    await until('both workers follow the next coordinator', async () => {
      const response = await fetch(`http://127.0.0.1:${httpPort}/api/workers`).catch(
        () => undefined,
      );
      const { workers } = ((await response?.json()) ?? {}) as { workers?: { state: string }[] };
      return workers?.filter(({ state }) => state === 'ready').length === 2;
    });
    ofJob.kill('SIGTERM');
    expect(await ofJob.ended).toBe(INTERRUPTED);
    ofJob = compute();
    const { weightsSha256 } = await second.event('run-finished');
    expect(weightsSha256).toBe(referenceSha256());
    expect(await ofJob.ended).toBe(0);
    await until('the worker knows that the run is over', () => worker.stderr.includes('"idle"'));
    expect(await status(httpPort, '/readyz')).toBe(200);
    expect(await status(httpPort, '/api/run')).toBe(200);
    expect(await status(probes, '/readyz')).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${probes}/metrics`)).text();
    expect(metrics).toMatch(/^lockstep_worker_contributions_total\{verdict="counted"\} [1-9]/m);

    second.kill('SIGTERM');
    expect(await finished(second)).toBe(referenceSha256());

    // Upgrade to more steps: the same run and worker continue; the run keeps its seed.
    const third = lead('--steps', '14', '--seed', '9');
    expect(await third.event('run-started')).toMatchObject({ runId, steps: 14, resumedAt: 10 });
    expect(third.stderr).toMatch(/--seed is 9, but run .* was begun with 1/);
    await third.event('run-finished', ({ step }) => step === 14);
    await until('the worker is idle again', () => worker.stderr.split('"idle"').length > 3);

    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    third.kill('SIGTERM');
    expect(await third.ended).toBe(0);
  });

  it('end as interrupted by a signal before the run has begun', async () => {
    const sandbox = createSandbox();
    const here: Place = { address: '127.0.0.1' };
    const redis = await startClusterRedis(sandbox, here, await freePort());
    const [grpcPort, httpPort, probes] = [await freePort(), await freePort(), await freePort()];
    const addresses = { redis: redis.url, coordinator: here, grpcPort, httpPort };
    const worker = startClusterWorker(sandbox, addresses, here, [
      ...['--supervised', '--http', `127.0.0.1:${probes}`],
    ]);
    await until('it waits for a coordinator', () => worker.stderr.includes('"listening"'));
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(INTERRUPTED);
    redis.kill('SIGTERM');
    await redis.ended;
  });
});
