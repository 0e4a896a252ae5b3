import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { listenError } from '@lockstep/core';
import type { WorkerEvent } from '../worker-options.js';
import { loading, readinessAfter } from './readiness.js';
import { createWorkerMetrics } from './worker-metrics.js';

/** A certificate and its key, both PEM: with them the probes are served over HTTPS. */
export interface ProbeIdentity {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Says to a supervisor and to Prometheus how a worker does. */
export interface ProbeServer {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  observe(event: WorkerEvent): void;
  close(): void;
}

/**
 * Serves `/healthz` (the process answers), `/readyz` (it does what it is there for) and `/metrics`.
 *
 * @param address `host:port`; port 0 picks a free one
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function startProbeServer(
  address: string,
  identity?: ProbeIdentity,
): Promise<ProbeServer> {
  const metrics = createWorkerMetrics();
  let readiness = loading;
  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    '/healthz': () => Promise.resolve(plain(200, 'ok')),
    '/readyz': () => Promise.resolve(plain(readiness.ready ? 200 : 503, readiness.reason)),
    '/metrics': async () => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.write(),
    }),
  };
  const handle: RequestListener = ({ url = '' }, response) => {
    const found = answers[url.split('?')[0] ?? ''];
    const answer = found?.() ?? Promise.resolve(plain(404, 'there is nothing here'));
    void answer.then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  };
  const server = identity
    ? createTlsServer({ cert: identity.certificate, key: identity.key }, handle)
    : createServer(handle);
  const bound = await listen(server, address);
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    url: `${identity ? 'https' : 'http'}://${host}:${bound.port}`,
    observe: (event) => {
      readiness = readinessAfter(readiness, event);
      metrics.observe(event, readiness);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function listen(server: Server, address: string): Promise<AddressInfo> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(listenError('--http', address, cause)));
    // Probes must not keep a process alive whose work is done.
    server.listen(port, host, () => resolve(server.unref().address() as AddressInfo));
  });
}
