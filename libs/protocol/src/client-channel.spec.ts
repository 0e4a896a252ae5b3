import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { description, startProtocol } from './testing/start-protocol.js';

const unreachable = { code: 'coordinator-unreachable' };

/** A proxy that refuses every request, with the requests it received. */
async function startForbiddingProxy(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', (head) => {
        requests.push(head.toString().split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function stub(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('a channel', () => {
  it('connects directly in spite of the variables for web proxies', async () => {
    const { url, requests } = await startForbiddingProxy();
    stub({ http_proxy: url, https_proxy: url, HTTP_PROXY: url, HTTPS_PROXY: url, all_proxy: url });
    const { client, connect } = await startProtocol();
    expect(await client.describe()).toEqual(description);
    const elsewhere = connect({ address: 'coordinator.invalid:50051', deadlineMs: 5_000 });
    await expect(elsewhere.describe()).rejects.toMatchObject(unreachable);
    expect(requests).toEqual([]);
  });

  it('uses the proxy of grpc_proxy, but not on loopback', async () => {
    const { url, requests } = await startForbiddingProxy();
    stub({ grpc_proxy: url, no_proxy: '', no_grpc_proxy: '' });
    const { client, connect } = await startProtocol();
    expect(await client.describe()).toEqual(description);
    expect(requests).toEqual([]);
    const elsewhere = connect({ address: 'coordinator.invalid:50051', deadlineMs: 5_000 });
    await expect(elsewhere.describe()).rejects.toMatchObject(unreachable);
    expect(requests).toContain('CONNECT coordinator.invalid:50051 HTTP/1.1');
  });
});
