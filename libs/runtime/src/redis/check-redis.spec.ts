import { spawn, type ChildProcess } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { checkRedis, isAtLeast, type RedisError } from '@lockstep/redis';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { obtainRedisProgram } from './ensure-redis.js';
import { knownRedisProgram } from './find-redis.js';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function realRedis(...args: string[]): Promise<number> {
  const program = knownRedisProgram() ?? (await obtainRedisProgram(() => undefined));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...args];
  const server: ChildProcess = spawn(program.path, options, { stdio: 'ignore', cwd: '/' });
  open.push({ close: () => server.kill('SIGKILL') });
  await expect.poll(() => accepts(port), { timeout: 10_000 }).toBe(true);
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const found = await checkRedis(`redis://127.0.0.1:${port}`).catch((error: Error) => error);
  return !(found instanceof Error) || !found.message.includes('does not accept connections');
}

describe('checkRedis with a real server', () => {
  it('reads its version', async () => {
    const port = await realRedis();
    const facts = await checkRedis(`redis://127.0.0.1:${port}`);
    expect(isAtLeast(facts.redisVersion, '6.2')).toBe(true);
    expect(facts.evictionPolicy).toBe('noeviction');
    const program = knownRedisProgram();
    expect(facts.server).toBe(program?.version);
  });

  it('refuses a database that does not exist', async () => {
    const port = await realRedis();
    await checkRedis(`redis://127.0.0.1:${port}/15`);
    const error = await checkRedis(`redis://127.0.0.1:${port}/99`).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'redis-refused' });
    expect(error).toHaveProperty('message', expect.stringContaining('no database of that number'));
  });

  it('names a replica, and a server that is full or lacks replicas', async () => {
    const port = await realRedis();
    const replica = await realRedis('--replicaof', '127.0.0.1', String(port));
    const full = await realRedis('--maxmemory', '1');
    const alone = await realRedis('--min-replicas-to-write', '1');
    const stateAt = (at: number) =>
      checkRedis(`redis://127.0.0.1:${at}`).then(
        () => 'usable',
        (error: RedisError) => error.failure.state,
      );
    await expect.poll(() => stateAt(replica)).toBe('READONLY');
    expect(await stateAt(full)).toBe('OOM');
    expect(await stateAt(alone)).toBe('NOREPLICAS');
    expect(await stateAt(port)).toBe('usable');
  });

  it('names a wrong or missing password, and never prints one', async () => {
    const port = await realRedis('--requirepass', 'right-secret');
    await checkRedis(`redis://:right-secret@127.0.0.1:${port}`);
    for (const user of ['', ':wrong-secret@', 'someone:wrong-secret@']) {
      const error = await checkRedis(`redis://${user}127.0.0.1:${port}`).catch((e: Error) => e);
      expect(error).toMatchObject({ code: 'redis-refused' });
      expect((error as Error).message).toContain('refuses the user or password');
      expect((error as Error).message).not.toContain('secret');
    }
  });

  it('names a missing right', async () => {
    const port = await realRedis('--user', 'narrow', 'on', '>pw', '+@connection');
    const error = await checkRedis(`redis://narrow:pw@127.0.0.1:${port}`).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'redis-refused' });
    expect((error as Error).message).toMatch(/NOPERM .*'?info'?/i);
  });
});

describe('checkRedis without a usable Redis', () => {
  const check = (port: number, timeoutMs = 5_000) =>
    checkRedis(`redis://user:secret@127.0.0.1:${port}`, timeoutMs).catch((error: Error) => error);

  it('reports a closed port', async () => {
    const error = await check(await freePort());
    expect(error).toMatchObject({ code: 'redis-unreachable' });
    expect((error as Error).message).not.toContain('secret');
  });

  it('reports an HTTP server', async () => {
    const port = await listening(createHttpServer((_request, response) => response.end('hello')));
    expect(await check(port)).toMatchObject({ code: 'not-redis' });
  });

  it('reports garbage, silence and a server that closes the connection', async () => {
    const garbage = await listening(
      createServer((socket) => socket.end('\u0000\u0001garbage\r\n')),
    );
    const silence = await listening(createServer(() => undefined));
    const hangUp = await listening(createServer((socket) => socket.destroy()));
    expect(await check(garbage)).toMatchObject({ code: 'not-redis' });
    const remedy: unknown = expect.stringContaining('rediss://');
    const unreachable = { code: 'redis-unreachable', remedy };
    expect(await check(silence, 300)).toMatchObject(unreachable);
    expect(await check(hangUp)).toMatchObject(unreachable);
  });

  it('reports a Redis that is too old', async () => {
    const info = 'redis_version:5.0.14\r\n';
    const old = createServer((socket) =>
      socket.on('data', (chunk) => {
        const text = chunk.toString().toLowerCase();
        for (const word of text.match(/\b(auth|client|ping|info)\r\n/g) ?? []) {
          socket.write(word.startsWith('info') ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        }
      }),
    );
    const error = await check(await listening(old));
    expect(error).toMatchObject({ code: 'not-redis' });
    expect((error as Error).message).toContain('5.0.14');
  });
});

describe('isAtLeast', () => {
  const version = fc.array(fc.nat(99), { minLength: 1, maxLength: 4 });

  it('orders versions number by number', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const [x, y] = [a.join('.'), b.join('.')];
        expect(isAtLeast(x, x)).toBe(true);
        expect(isAtLeast(x, y) || isAtLeast(y, x)).toBe(true);
        expect(isAtLeast([...a, 1].join('.'), x)).toBe(true);
      }),
    );
    expect(isAtLeast('10.0', '6.2')).toBe(true);
    expect(isAtLeast('6.1.9', '6.2')).toBe(false);
  });
});
