import { X509Certificate } from 'node:crypto';
import { createServer, connect, type TLSSocket, type PeerCertificate } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  makeAuthority,
  makeClientCertificate,
  makeServerCertificate,
  type PemPair,
} from './make-certificates.js';

const HOSTS = ['coordinator.example', '*.workers.example', '127.0.0.1', '::1'];
let authority: PemPair;
let server: PemPair;
let client: PemPair;

beforeAll(async () => {
  const now = Date.now();
  authority = await makeAuthority(3_650, now);
  server = await makeServerCertificate(authority, HOSTS, 30, now);
  client = await makeClientCertificate(authority, 'rack 4, O=evil', 30, now);
});

/** Connects with TLS both ways; gives whom the server saw, or fails. */
async function shake(shown: PemPair, options: { servername: string }): Promise<PeerCertificate> {
  const listening = createServer({
    cert: server.certificate,
    key: server.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  }).listen(0, '127.0.0.1');
  listening.on('tlsClientError', () => undefined);
  onTestFinished(() => void listening.close());
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as AddressInfo;
  const seen = new Promise<PeerCertificate>((resolve) =>
    listening.once('secureConnection', (socket: TLSSocket) => {
      resolve(socket.getPeerCertificate());
      socket.end();
    }),
  );
  const socket = connect({
    ...options,
    ...{ host: '127.0.0.1', port, ca: authority.certificate },
    ...{ cert: shown.certificate, key: shown.key },
  });
  const failed = new Promise<never>((_, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  socket.resume();
  return Promise.race([seen, failed]);
}

describe('certificates', () => {
  it('have EC P-256 keys, are valid from slightly before now, and come from one authority', () => {
    const [ca, leaf] = [authority, server].map(
      ({ certificate }) => new X509Certificate(certificate),
    );
    expect(ca?.ca).toBe(true);
    expect(leaf?.ca).toBe(false);
    expect(leaf?.checkIssued(ca ?? leaf)).toBe(true);
    expect(leaf?.verify(ca?.publicKey ?? leaf.publicKey)).toBe(true);
    expect(leaf?.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(Date.parse(leaf?.validFrom ?? '')).toBeLessThan(Date.now());
    for (const host of ['coordinator.example', 'a.workers.example']) {
      expect(leaf?.checkHost(host)).toBeTruthy();
    }
    for (const ip of ['127.0.0.1', '::1']) expect(leaf?.checkIP(ip)).toBeTruthy();
    expect(leaf?.checkHost('other.example')).toBeUndefined();
    expect(leaf?.serialNumber).not.toBe(new X509Certificate(client.certificate).serialNumber);
  });

  it('let both ends trust each other', async () => {
    const peer = await shake(client, { servername: 'coordinator.example' });
    // Special characters of a name are kept.
    expect(peer.subject).toEqual({ CN: 'rack 4, O=evil' });
  });

  it('do not stand for another host, another authority’s client, or a server that is only a client', async () => {
    await expect(shake(client, { servername: 'other.example' })).rejects.toThrow(/altnames/);
    const stranger = await makeAuthority(1, Date.now());
    const foreign = await makeClientCertificate(stranger, 'w', 1, Date.now());
    await expect(shake(foreign, { servername: 'coordinator.example' })).rejects.toThrow();
    const { keyUsage } = new X509Certificate(client.certificate);
    expect(keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
});
