import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startRedis } from '@lockstep/runtime';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { freePort } from './harness/free-port.js';
import { startLockstep, type Lockstep } from './harness/lockstep.js';
import { REFERENCE } from './harness/reference-run.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256 } from './harness/train.js';
import { until } from './harness/until.js';

/** Fewer than the connections of the flood. */
const OPEN_FILES = 512;
const FLOOD = 600;
const INTERRUPTED = 130;

/** A coordinator that waits for two workers, with few descriptors. */
async function startFewFiles() {
  const sandbox = createSandbox();
  const redis = await startRedis({ folder: sandbox.temporary });
  onTestFinished(() => redis.stop());
  const probes = `127.0.0.1:${await freePort()}`;
  const data = ['--data', inject('smallData')];
  const run = startLockstep(
    sandbox,
    [
      ...['coordinator', ...REFERENCE, ...data, '--out', sandbox.runs, '--redis', redis.url],
      ...['--min-workers', '2', '--http', '127.0.0.1:0', '--probes', probes, '--json'],
    ],
    { within: ['/bin/sh', '-c', `ulimit -n ${OPEN_FILES} && exec "$@"`, 'sh'] },
  );
  const { grpc, http = '' } = await run.event('listening');
  const { folder } = await run.event('run-started');
  const worker = (): Lockstep =>
    startLockstep(sandbox, ['worker', '--coordinator', grpc, '--redis', redis.url, ...data]);
  const empty = async (): Promise<void> => {
    await redis.stop();
    await sandbox.empty();
  };
  return { run, worker, http, folder, probes, ports: [grpc, new URL(http).host], empty };
}

/** Opens silent connections to each port, and opens those that are closed again. */
function flood(ports: readonly string[]): void {
  let isOver = false;
  onTestFinished(() => void (isOver = true));
  const keepOpen = (address: string): void => {
    if (isOver) return;
    const { hostname: host, port } = new URL(`tcp://${address}`);
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => undefined).resume();
    socket.once('close', () => setTimeout(keepOpen, 500, address).unref());
    onTestFinished(() => void socket.destroy());
  };
  for (const address of ports) for (let n = 0; n < FLOOD; n++) keepOpen(address);
}

/** A new connection may be closed to make room for others; then the request is made again. */
const statusOf = (url: string): Promise<number> =>
  until(`${url} replies`, () =>
    fetch(url, { signal: AbortSignal.timeout(30_000) }).then(
      ({ status }) => status,
      () => undefined,
    ),
  );

describe('more silent connections than the coordinator may have files', () => {
  it('stop neither the run nor its workers, users and probes', async () => {
    const { run, worker, http, folder, probes, ports, empty } = await startFewFiles();
    flood(ports);
    // The lock is renewed by writing new files.
    const renewals = new Set<string>();
    await until('the lock is renewed three times', () => {
      renewals.add(readFileSync(join(folder, 'terms/1.json'), 'utf8'));
      return renewals.size > 3;
    });
    expect(await statusOf(`${http}/api/run`)).toBe(200);
    expect(await statusOf(`http://${probes}/healthz`)).toBe(200);
    expect(await statusOf(`http://${probes}/readyz`)).toBe(200);
    const workers = [worker(), worker()];
    expect(await finished(run)).toBe(referenceSha256());
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
    await empty();
  });

  it('do not keep it from ending on SIGTERM', async () => {
    const { run, http, ports, empty } = await startFewFiles();
    flood(ports);
    await until('it is flooded', async () => (await statusOf(`${http}/api/run`)) === 200);
    const asked = performance.now();
    run.kill('SIGTERM');
    expect(await run.ended).toBe(INTERRUPTED);
    expect(performance.now() - asked).toBeLessThan(15_000);
    await empty();
  });
});
