import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { obtainRedisProgram } from '@lockstep/runtime';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';
import { until } from './harness/until.js';

const LOCAL = '127.0.0.1';

describe('a run whose Redis is', () => {
  it('a cluster comes out with the same weights', async () => {
    const bus = ['--cluster-port', String(await freePort())];
    const port = await startServer([
      '--cluster-enabled',
      'yes',
      '--cluster-announce-ip',
      LOCAL,
      ...bus,
    ]);
    const node = connect(port);
    await node.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await until('an orderly cluster', async () =>
      String(await node.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
    const redis = `redis-cluster://${LOCAL}:${port}`;
    const run = startReference(createSandbox(), ['--workers', '2', '--redis', redis]);
    expect(await finished(run)).toBe(referenceSha256());
  });

  it('behind a sentinel continues after a failover, with the same weights', async () => {
    const first = await startServer();
    const second = await startServer(['--replicaof', LOCAL, String(first)]);
    const sentinel = await startSentinel(first);
    await until('a replica that the sentinel knows', async () => {
      const replicas = (await connect(sentinel).call('SENTINEL', 'REPLICAS', 'main')) as unknown[];
      return replicas.length === 1;
    });
    const redis = `redis-sentinel://${LOCAL}:${sentinel}/main`;
    const run = startReference(createSandbox(), ['--workers', '2', '--redis', redis]);
    await run.event('step', ({ step }) => step === 3);
    await connect(sentinel).call('SENTINEL', 'FAILOVER', 'main');
    expect(await finished(run)).toBe(referenceSha256());
    await until('the replica becomes the master', async () =>
      String(await connect(second).info('replication')).includes('role:master'),
    );
  });
});

async function startSentinel(watched: number): Promise<number> {
  const port = await freePort();
  const config = join(temporaryFolder(), 'sentinel.conf');
  const lines = [
    `port ${port}`,
    `bind ${LOCAL}`,
    `sentinel monitor main ${LOCAL} ${watched} 1`,
    'sentinel failover-timeout main 3000',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return run([config, '--sentinel'], port);
}

async function startServer(settings: readonly string[] = []): Promise<number> {
  const port = await freePort();
  const own = ['--port', String(port), '--bind', LOCAL, '--save', '', '--dir', temporaryFolder()];
  return run([...own, ...settings], port);
}

/** @returns the port, once the server answers there */
async function run(args: readonly string[], port: number): Promise<number> {
  const program = await obtainRedisProgram(() => undefined);
  const child = spawn(program.path, [...args], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await until(`an answer at port ${port}`, () =>
    connect(port)
      .ping()
      .then(() => true)
      .catch(() => false),
  );
  return port;
}

function connect(port: number): Redis {
  const client = new Redis({ host: LOCAL, port, retryStrategy: () => null });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
}

function temporaryFolder(): string {
  const folder = mkdtempSync('/tmp/lockstep-e2e-redis-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, LOCAL, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
