import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRedisClient, parseRedisAddress } from '@lockstep/redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRedis } from '@lockstep/redis';
import { startEmbeddedRedis, startRedis, type RunningRedis } from './start-redis.js';

let base: string;
const started: RunningRedis[] = [];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'start-redis-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
  rmSync(base, { recursive: true, force: true });
});

async function start(folder = base): Promise<RunningRedis & { pid: number; folder: string }> {
  const redis = await startRedis({ folder });
  started.push(redis);
  if (redis.pid === undefined) throw new Error('no pid');
  return { ...redis, pid: redis.pid, folder: dirname(redis.url.slice('unix://'.length)) };
}

/** False for a zombie too: an orphan that the machine's first process has not yet reaped. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}

/** Everything an embedded Redis leaves: its processes and its folder with the socket. */
async function expectGone(pids: readonly number[], folder: string): Promise<void> {
  const remains = () => [...pids.filter(isAlive), ...(existsSync(folder) ? [folder] : [])];
  await expect.poll(remains, { timeout: 10_000 }).toEqual([]);
}

const keeperOf = (folder: string) => Number(readFileSync(join(folder, 'keeper.pid'), 'utf8'));

describe('an embedded Redis', () => {
  it('answers on a private socket, keeps nothing on disk, evicts nothing', async () => {
    const redis = await start();
    const client = createRedisClient(parseRedisAddress(redis.url), 'consumer');
    try {
      expect(await client.set('key', 'value')).toBe('OK');
      expect(await client.config('GET', 'maxmemory-policy')).toContain('noeviction');
      expect(await client.config('GET', 'appendonly')).toContain('no');
      expect(await client.config('GET', 'save')).toEqual(['save', '']);
      expect(await client.config('GET', 'port')).toEqual(['port', '0']);
    } finally {
      client.disconnect();
    }
  });

  it('is gone after stop, which may be called twice', async () => {
    const redis = await start();
    const keeper = keeperOf(redis.folder);
    await redis.stop();
    expect(existsSync(redis.folder)).toBe(false);
    expect([redis.pid, keeper].filter(isAlive)).toEqual([]);
    await redis.stop();
  });

  it('comes back at the same address when its server dies', async () => {
    const redis = await start();
    process.kill(redis.pid, 'SIGKILL');
    await expect.poll(() => isAlive(redis.pid)).toBe(false);
    const back = () => checkRedis(redis.url).then((facts) => facts.server, String);
    await expect.poll(back, { timeout: 10_000 }).toBe(redis.version);
  });

  it('names its server’s process, each time another', async () => {
    const redis = await startEmbeddedRedis(base);
    started.push(redis);
    expect(redis.serverPid()).toBe(redis.pid);
    process.kill(redis.pid ?? 0, 'SIGKILL');
    const another = (): boolean => {
      const pid = redis.serverPid();
      return pid !== undefined && pid !== redis.pid && isAlive(pid);
    };
    await expect.poll(another, { timeout: 10_000 }).toBe(true);
  });

  it('ends, with its server, when its keeper is killed', async () => {
    const redis = await start();
    const keeper = keeperOf(redis.folder);
    process.kill(keeper, 'SIGKILL');
    await expectGone([redis.pid, keeper], redis.folder);
  });

  it('lives beside another one', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect(one.url).not.toBe(other.url);
    await one.stop();
    expect((await checkRedis(other.url)).server).toBe(other.version);
  });

  it('finds a shorter folder where a socket path would be too long', async () => {
    const long = join(base, 'a-long-name-'.repeat(10));
    mkdirSync(long);
    const redis = await start(long);
    expect(redis.folder.startsWith('/tmp/')).toBe(true);
  });

  it("removes folders that an earlier run's keeper could not", async () => {
    const forgotten = join(base, 'lockstep-redis-forgotten');
    const inUse = join(base, 'lockstep-redis-in-use');
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => dead.once('exit', resolve));
    for (const [folder, pid] of [[forgotten, dead.pid] as const, [inUse, process.pid] as const]) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'keeper.pid'), String(pid));
    }
    await start();
    expect([forgotten, inUse].map(existsSync)).toEqual([false, true]);
  });
});

describe('a Redis at an address', () => {
  it('is checked and left running', async () => {
    const redis = await start();
    const external = await startRedis({ url: redis.url });
    expect(external).toMatchObject({ kind: 'external', url: redis.url });
    await external.stop();
    expect(isAlive(redis.pid)).toBe(true);
  });

  it('is refused when nothing answers', async () => {
    const absent = startRedis({ url: 'unix:///nowhere/redis.sock' });
    await expect(absent).rejects.toMatchObject({ code: 'redis-unreachable' });
  });
});

/** A process of its own, in its own process group, that starts a Redis and says where. */
describe('when the process that started it', () => {
  const index = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

  async function owner(
    then: string,
  ): Promise<{ child: ChildProcess; pids: number[]; folder: string }> {
    const script = `
      import { startRedis } from ${JSON.stringify(index)};
      const redis = await startRedis({ folder: ${JSON.stringify(base)} });
      console.log(JSON.stringify(redis));
      setInterval(() => undefined, 1000);
      process.stdin.once('data', () => { ${then} });`;
    const args = ['--input-type=module', '-e', script];
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      child.once('exit', (code) => reject(new Error(`the owner ended with ${code}`)));
    });
    const { url, pid } = JSON.parse(line) as { url: string; pid: number };
    const folder = dirname(url.slice('unix://'.length));
    return { child, pids: [pid, keeperOf(folder), Number(child.pid)], folder };
  }

  const go = (child: ChildProcess) => child.stdin?.write('go\n');

  it('ends by itself', async () => {
    const { child, pids, folder } = await owner('process.exit(0)');
    go(child);
    await expectGone(pids, folder);
  });

  it('crashes', async () => {
    const { child, pids, folder } = await owner('throw new Error("crash")');
    go(child);
    await expectGone(pids, folder);
  });

  it('aborts', async () => {
    const { child, pids, folder } = await owner('process.abort()');
    go(child);
    await expectGone(pids, folder);
  });

  it('is killed with SIGKILL', async () => {
    const { child, pids, folder } = await owner('');
    child.kill('SIGKILL');
    await expectGone(pids, folder);
  });

  it('gets Ctrl-C: its whole process group is interrupted', async () => {
    const { pids, folder, child } = await owner('');
    process.kill(-Number(child.pid), 'SIGINT');
    await expectGone(pids, folder);
  });

  it('handles Ctrl-C: Redis lives on until it has finished', async () => {
    const { pids, folder, child } = await owner(`
      process.on('SIGINT', () => process.stdout.write('interrupted\\n'));
      process.stdin.once('data', async () => { await redis.stop(); process.exit(130); });
      process.stdout.write('ready\\n');`);
    const heard = (word: string) =>
      new Promise<void>((resolve) =>
        child.stdout?.on('data', (chunk: Buffer) => chunk.includes(word) && resolve()),
      );
    const ready = heard('ready');
    go(child);
    await ready;
    const interrupted = heard('interrupted');
    process.kill(-Number(child.pid), 'SIGINT');
    await interrupted;
    expect(pids.filter(isAlive)).toHaveLength(3);
    const exit = new Promise((resolve) => child.once('exit', resolve));
    go(child);
    expect(await exit).toBe(130);
    await expectGone(pids, folder);
  });
});
