import { startRedis } from '@lockstep/runtime';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';
import { until } from './harness/until.js';

describe('a Redis that others use too', () => {
  it('keeps its own, and nothing of a run that is over', async () => {
    const sandbox = createSandbox();
    const { url, client } = await startServer(sandbox);
    await client.set('another', 'program');
    const run = startReference(sandbox, ['--workers', '2', '--redis', url]);
    expect(await finished(run)).toBe(referenceSha256());
    expect(await client.keys('*')).toEqual(['another']);
  });

  it('keeps nothing of a run that was interrupted', async () => {
    const sandbox = createSandbox();
    const { url, client } = await startServer(sandbox);
    const run = startReference(sandbox, ['--workers', '1'], { environment: { REDIS_URL: url } });
    await run.event('step');
    run.interruptGroup();
    expect(await run.ended).toBe(130);
    await until('no key', async () => (await client.dbsize()) === 0);
  });
});

async function startServer(sandbox: Sandbox): Promise<{ url: string; client: Redis }> {
  const server = await startRedis({ folder: sandbox.temporary });
  const client = new Redis(server.url);
  onTestFinished(async () => {
    client.disconnect();
    await server.stop();
  });
  return { url: server.url, client };
}
