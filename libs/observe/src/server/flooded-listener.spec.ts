import { once } from 'node:events';
import { request as requestPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ServerTls } from '@lockstep/core';
import type { ConnectionLimits } from '@lockstep/security';
import { makeAuthority, makeServerCertificate } from '@lockstep/security/certificates';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpListener, type OnAdmitted } from './http-listener.js';

const limits: ConnectionLimits = {
  ...{ total: 200, unproved: 20, unprovedPerAddress: 20, firstRequestMs: 60_000 },
};

async function certificate(): Promise<ServerTls> {
  const authority = await makeAuthority(1, Date.now());
  const pair = await makeServerCertificate(authority, ['127.0.0.1'], 1, Date.now());
  return { certificate: Buffer.from(pair.certificate), key: Buffer.from(pair.key) };
}

/** Serves `/events` as a stream without an end to those with credentials, anything else at once. */
async function start(tls: ServerTls | undefined, changes: Partial<ConnectionLimits> = {}) {
  const load = (_host: string, onAdmitted: OnAdmitted) =>
    Promise.resolve({
      handle: ({ url, headers, socket }: IncomingMessage, response: ServerResponse) => {
        if ('authorization' in headers) onAdmitted(socket);
        if (url === '/events') response.write('data: 1\n\n');
        else response.end('here');
      },
      close: () => Promise.resolve(),
    });
  const server = await HttpListener.start('127.0.0.1:0', load, {
    tls,
    limits: { ...limits, ...changes },
  });
  onTestFinished(() => server.close(50));
  const port = Number(new URL(server.url).port);
  const get = async (path: string, headers = {}): Promise<Socket> => {
    const options = { host: '127.0.0.1', port, path, headers, agent: false };
    const asked = tls
      ? requestTls({ ...options, rejectUnauthorized: false })
      : requestPlain(options);
    asked.on('error', () => undefined).end();
    const [response] = (await once(asked, 'response')) as [{ resume(): void; socket: Socket }];
    response.resume();
    return response.socket;
  };
  return { server, port, get };
}

async function silentTo(port: number, count: number, says?: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).resume();
    if (says !== undefined) socket.write(says);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

const alive = (sockets: readonly Socket[]): number =>
  sockets.filter(({ destroyed }) => !destroyed).length;

describe.each([
  ['over HTTP', () => Promise.resolve(undefined)],
  ['over HTTPS', certificate],
])('a listener, %s', (_, credentials) => {
  it('serves requests and streams while connections without a request flood it', async () => {
    const { port, get } = await start(await credentials());
    const stream = await get('/events', { authorization: 'Bearer x' });
    const flood = await silentTo(port, 1_200);
    flood.push(...(await silentTo(port, 300, 'GET / HTTP/1.1\r\nhost')));
    for (let n = 0; n < 5; n++) await get('/');
    await expect.poll(() => alive(flood)).toBeLessThanOrEqual(limits.unproved);
    expect(stream.destroyed).toBe(false);
  });

  it('closes a connection that makes no request in time, and keeps a stream', async () => {
    const { port, get } = await start(await credentials(), { firstRequestMs: 300 });
    const streams = await Promise.all([
      get('/events', { authorization: 'Bearer x' }),
      get('/events'),
    ]);
    const silent = await silentTo(port, 5);
    const stuck = await silentTo(port, 5, 'GET / HTTP/1.1\r\nhost');
    await expect.poll(() => alive([...silent, ...stuck])).toBe(0);
    expect(alive(streams)).toBe(2);
  });

  it('closes in time, whatever its connections have sent', async () => {
    const tls = await credentials();
    const { server, port, get } = await start(tls);
    await get('/');
    const open = await silentTo(port, 10);
    open.push(...(await silentTo(port, 10, 'no TLS and no HTTP')));
    for (const socket of await silentTo(port, 20)) socket.destroy();
    for (const socket of await silentTo(port, 20, '\u0016\u0003\u0001')) socket.end();
    if (tls) {
      const refusing = connectTls({ port, host: '127.0.0.1' }).on('error', () => undefined);
      await new Promise((resolve) => refusing.once('close', resolve));
    }
    await server.close(50);
    await expect.poll(() => alive(open)).toBe(0);
  });
});
