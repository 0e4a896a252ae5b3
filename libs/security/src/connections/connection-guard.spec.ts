import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionGuard } from './connection-guard.js';
import type { ConnectionLimits } from './connection-limits.js';

const generous: ConnectionLimits = {
  ...{ total: 1_000, unproved: 500, unprovedPerAddress: 500, firstRequestMs: 60_000 },
};

/** A guarded server, and clients of it. */
async function start(limits: Partial<ConnectionLimits>) {
  const guard = new ConnectionGuard({ ...generous, ...limits });
  const server = createServer({ highWaterMark: 1 });
  guard.watch(server);
  // As a protocol server: "admit" is a request with credentials, "ask" one that needs none.
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (String(bytes) === 'admit') guard.admitted(socket);
      if (String(bytes) === 'ask') guard.asked(socket);
      socket.write('ok');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const open: Socket[] = [];
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    guard.closeAll();
    server.close();
  });
  const client = async (says?: string, from = '127.0.0.1'): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', () => undefined);
    open.push(socket);
    await once(socket, 'connect');
    if (says === undefined) return socket;
    socket.write(says);
    await once(socket, 'data');
    return socket;
  };
  const clients = (count: number, says?: string, from?: string): Promise<Socket[]> =>
    Promise.all(Array.from({ length: count }, () => client(says, from)));
  return { guard, client, clients };
}

const closed = (socket?: Socket): Promise<void> =>
  new Promise((resolve) => socket?.resume().once('close', () => resolve()));

const alive = (sockets: readonly Socket[]): number =>
  sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length;

describe('a connection without a request', () => {
  it('is closed after a time, one with a request stays', async () => {
    const { client, guard } = await start({ firstRequestMs: 300 });
    const [silent, stuck, asked, admitted] = await Promise.all(
      [undefined, 'half a request', 'ask', 'admit'].map((says) => client(says)),
    );
    await Promise.all([silent, stuck].map(closed));
    expect(alive([asked, admitted].flatMap((socket) => socket ?? []))).toBe(2);
    expect(guard.size).toBe(2);
  });

  it('is closed first where there are too many, the oldest first', async () => {
    const { clients } = await start({ unproved: 20 });
    const asked = await clients(5, 'ask');
    const begun = await clients(5, 'half a request');
    const admitted = await clients(50, 'admit');
    const silent = await clients(30);
    await expect.poll(() => alive(silent)).toBe(10);
    expect(alive(silent.slice(-10))).toBe(10);
    expect([asked, begun, admitted].map(alive)).toEqual([5, 5, 50]);
    const more = await clients(14, 'ask');
    await expect.poll(() => alive(silent)).toBe(0);
    await expect.poll(() => alive(begun)).toBe(1);
    expect([asked, more, admitted].map(alive)).toEqual([5, 14, 50]);
  });

  it('displaces none from another address', async () => {
    const { clients } = await start({ unproved: 40, unprovedPerAddress: 20 });
    const other = await clients(20, undefined, '127.0.0.2');
    const flood = await clients(100, undefined, '127.0.0.3');
    await expect.poll(() => alive(flood)).toBe(20);
    expect(alive(other)).toBe(20);
  });
});

describe('a flood beyond the total', () => {
  it('makes room for new connections at once, and none of the proved ones gives way', async () => {
    const { client, clients, guard } = await start({ total: 64 });
    const admitted = await clients(20, 'admit');
    const flood = await clients(400);
    expect(guard.size).toBeLessThanOrEqual(64);
    for (let n = 0; n < 10; n++) {
      const [newcomer] = await Promise.all([client('admit'), clients(20)]);
      admitted.push(newcomer);
    }
    expect(alive(admitted)).toBe(30);
    expect(alive(flood)).toBeLessThan(64);
  });

  it('of proved connections refuses another one', async () => {
    const { client, clients } = await start({ total: 8 });
    const admitted = await clients(8, 'admit');
    const refused = await client();
    await closed(refused);
    expect(alive(admitted)).toBe(8);
    admitted[0]?.destroy();
    await expect.poll(async () => alive([await client('admit').catch(() => refused)])).toBe(1);
  });
});

it('closes all connections on request, also those of its own protocol', async () => {
  const { guard, clients } = await start({});
  const sockets = [...(await clients(10)), ...(await clients(10, 'admit'))];
  for (const socket of sockets) socket.resume();
  guard.closeAll();
  await expect.poll(() => alive(sockets)).toBe(0);
  await expect.poll(() => guard.size).toBe(0);
});
