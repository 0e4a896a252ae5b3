import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Client, credentials as channelCredentials } from '@grpc/grpc-js';
import type { ConnectionLimits } from '@lockstep/security';
import { makeAuthority, makeServerCertificate } from '@lockstep/security/certificates';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HealthService } from './health.js';
import { description, startProtocol, until } from './testing/start-protocol.js';

const limits: ConnectionLimits = {
  ...{ total: 200, unproved: 20, unprovedPerAddress: 20, firstRequestMs: 60_000 },
};

/** Credentials of a server, and of a client that trusts it. */
async function certificates() {
  const authority = await makeAuthority(1, Date.now());
  const server = await makeServerCertificate(authority, ['127.0.0.1'], 1, Date.now());
  const pair = { certificate: Buffer.from(server.certificate), key: Buffer.from(server.key) };
  return { server: { tls: pair }, client: { tls: { ca: Buffer.from(authority.certificate) } } };
}

async function silentTo(address: string, count: number, says?: Buffer): Promise<Socket[]> {
  const [host, port] = address.split(':');
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: host ?? '', port: Number(port) });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).resume();
    if (says) socket.write(says);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

const alive = (sockets: readonly Socket[]): number =>
  sockets.filter(({ destroyed }) => !destroyed).length;

const plain = () => Promise.resolve({ server: {}, client: {} });
const HTTP2 = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** The beginning of a TLS record. */
const HELLO = Buffer.from([22, 3, 1, 2, 0, 1]);

describe.each([
  ['unencrypted', plain, HTTP2],
  ['with TLS', certificates, HELLO],
])('a gRPC server, %s', (_, credentials, halfGreeting) => {
  it('serves its peers, old and new, while connections without a request flood it', async () => {
    const { server: secure, client: trusting } = await credentials();
    const followed: unknown[] = [];
    const { server, connect: client } = await startProtocol(
      { follow: (_request, follower) => void followed.push(follower) },
      { ...secure, limits },
    );
    const old = client(trusting);
    expect(await old.describe()).toEqual(description);
    const ended: unknown[] = [];
    const watching = (async () => {
      for await (const event of old.follow({ session: 'session', stateSha256: 'a'.repeat(64) }))
        void event;
    })().catch((error: unknown) => ended.push(error));
    await until(() => followed.length === 1);
    const flood = await silentTo(server.address, 400);
    flood.push(...(await silentTo(server.address, 400, halfGreeting)));
    for (let n = 0; n < 5; n++) expect(await client(trusting).describe()).toEqual(description);
    await until(() => alive(flood) <= limits.unproved);
    expect(ended).toEqual([]);
    expect(await old.describe()).toEqual(description);
    old.close();
    await watching;
  });

  it('closes a connection that makes no request in time, and keeps one that does', async () => {
    const { server: secure, client: trusting } = await credentials();
    const { server, connect: client } = await startProtocol(
      {},
      { ...secure, limits: { ...limits, firstRequestMs: 300 } },
    );
    const peer = client(trusting);
    expect(await peer.describe()).toEqual(description);
    const silent = await silentTo(server.address, 5);
    const stuck = await silentTo(server.address, 5, halfGreeting);
    await until(() => alive([...silent, ...stuck]) === 0);
    expect(await peer.describe()).toEqual(description);
  });

  it('closes in time, whatever connections are open', async () => {
    const { server: secure, client: trusting } = await credentials();
    const { server, connect: client } = await startProtocol({}, { ...secure, limits });
    await client(trusting).describe();
    const open = await silentTo(server.address, 10);
    open.push(...(await silentTo(server.address, 10, halfGreeting)));
    for (const socket of await silentTo(server.address, 20, halfGreeting)) socket.end();
    await server.close(200);
    await until(() => alive(open) === 0);
  });
});

it('keeps the connection of a health check, which needs no credentials', async () => {
  const { server } = await startProtocol({}, { limits: { ...limits, firstRequestMs: 300 } });
  const raw = new Client(server.address, channelCredentials.createInsecure());
  onTestFinished(() => raw.close());
  const { path, requestSerialize, responseDeserialize } = HealthService.watch;
  const request = { service: '' };
  const call = raw.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  let over = false;
  call.on('error', () => (over = true)).on('data', () => undefined);
  await once(call, 'data');
  const silent = await silentTo(server.address, 3);
  await until(() => alive(silent) === 0);
  expect(over).toBe(false);
  call.cancel();
});
