import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { ConnectionGuard, listenOn, probeLimits } from '@lockstep/security';
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
  const connections = new ConnectionGuard(probeLimits);
  const handle: RequestListener = ({ url = '', socket }, response) => {
    connections.asked(socket);
    const found = answers[url.split('?')[0] ?? ''];
    const answer = found?.() ?? Promise.resolve(plain(404, 'there is nothing here'));
    void answer.then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  };
  const server = identity
    ? createTlsServer({ cert: identity.certificate, key: identity.key }, handle)
    : createServer(handle);
  connections.watch(server);
  const { host, port } = await listenOn(server, '--http', address);
  server.unref(); // probes must not keep a process alive whose work is done
  return {
    url: `${identity ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    observe: (event) => {
      readiness = readinessAfter(readiness, event);
      metrics.observe(event, readiness);
    },
    close: () => {
      server.close();
      connections.closeAll();
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
