import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';

const NAMES = ['redis-server', 'valkey-server'];

/** A server program: the one REDIS_SERVER names, on PATH, or what the set-up put in the cache. */
function findRedisServer(): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lockstep');
  const onPath = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    process.env.REDIS_SERVER ?? '',
    ...onPath.flatMap((folder) => NAMES.map((name) => join(folder, name))),
    ...filesIn(cache).filter((path) => NAMES.some((name) => path.endsWith(`/${name}`))),
  ];
  const found = candidates.find(isExecutable);
  if (found === undefined) {
    throw new Error('no redis-server or valkey-server: run `npm run setup`, or set REDIS_SERVER');
  }
  return found;
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return entries.map((path) => join(folder, path));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}

export interface RedisServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it at once; what it held is gone. */
  kill(): Promise<void>;
  /** Keeps it from answering; connections stay. */
  freeze(): void;
  thaw(): void;
  /** Keeps it from answering for ever, and starts an empty one at its address, a Unix socket. */
  supersede(): Promise<void>;
  /** Runs one command on a connection of its own. */
  command(name: string, ...args: (string | number)[]): Promise<unknown>;
}

/** A private Redis on a unix socket, gone when the test is over. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-redis-'));
  const socket = join(folder, 'redis.sock');
  return startServer(folder, `unix://${socket}`, ['--port', '0', '--unixsocket', socket], () => ({
    path: socket,
  }));
}

/** A private Redis on a TCP port, with further settings. */
export async function startTcpRedis(
  ...settings: string[]
): Promise<RedisServer & { port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...settings];
  const url = `redis://127.0.0.1:${port}`;
  const server = await startServer(folder, url, args, () => ({ host: '127.0.0.1', port }));
  return { ...server, port };
}

/** A sentinel that watches one server under the name `main`; returns its port. */
export async function startSentinel(watchedPort: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-sentinel-'));
  const port = await freePort();
  const config = join(folder, 'sentinel.conf');
  const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`];
  writeFileSync(
    config,
    [...lines, `sentinel monitor main 127.0.0.1 ${watchedPort} 1`, ''].join('\n'),
  );
  const where = { host: '127.0.0.1', port };
  await startServer(folder, `redis://127.0.0.1:${port}`, [config, '--sentinel'], () => where);
  return port;
}

async function startServer(
  folder: string,
  url: string,
  args: readonly string[],
  connection: () => { path: string } | { host: string; port: number },
): Promise<RedisServer> {
  const program = findRedisServer();
  let child: ChildProcess | undefined;
  const superseded: ChildProcess[] = [];
  const endWithUs = (): void => [...superseded, child].forEach((each) => each?.kill('SIGKILL'));
  process.on('exit', endWithUs);

  const server: RedisServer = {
    url,
    async start() {
      const persistence = args.includes('--sentinel') ? [] : ['--save', '', '--appendonly', 'no'];
      child = spawn(program, [...args, ...persistence], { stdio: 'ignore' });
      await answers(() => server.command('PING'));
    },
    async kill() {
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      if (child?.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
        await gone;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async supersede() {
      server.freeze();
      if (child) superseded.push(child);
      rmSync(url.replace('unix://', '')); // else the first PING would reach the frozen one
      await server.start();
    },
    async command(name, ...rest) {
      const client = new Redis({ ...connection(), lazyConnect: true, retryStrategy: () => null });
      client.on('error', () => undefined);
      try {
        return await client.call(name, ...rest);
      } finally {
        client.disconnect();
      }
    },
  };
  onTestFinished(async () => {
    await server.kill();
    endWithUs();
    process.off('exit', endWithUs);
    rmSync(folder, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

async function answers(ask: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + 20_000; ;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error()),
      );
    });
  });
}
