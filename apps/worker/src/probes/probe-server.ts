import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { ConnectionGuard, listenOn, probeLimits } from '@lockstep/security';
import type { WorkerEvent } from '../worker-options.js';
import { loading, readinessAfter } from './readiness.js';
import { WorkerMetrics } from './worker-metrics.js';

/** A certificate and its key, both PEM: with them the probes are served over HTTPS. */
export interface ProbeIdentity {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Serves the state of a worker to a supervisor and to Prometheus. */
export class ProbeServer {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #metrics = new WorkerMetrics();
  readonly #connections = new ConnectionGuard(probeLimits);
  #readiness = loading;
  #url = '';

  private constructor(identity: ProbeIdentity | undefined) {
    const respond: RequestListener = (request, response) => void this.#respond(request, response);
    this.#scheme = identity ? 'https' : 'http';
    this.#server = identity
      ? createTlsServer({ cert: identity.certificate, key: identity.key }, respond)
      : createServer(respond);
    this.#connections.watch(this.#server);
  }

  /**
   * Serves `/healthz` (the process answers), `/readyz` (it takes shards, or its run has ended) and `/metrics`.
   *
   * @param address `host:port`; port 0 picks a free one
   * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
   */
  static async start(address: string, identity?: ProbeIdentity): Promise<ProbeServer> {
    const probes = new ProbeServer(identity);
    await probes.#listen(address);
    return probes;
  }

  /** `http://host:port` or `https://host:port`. */
  get url(): string {
    return this.#url;
  }

  observe(event: WorkerEvent): void {
    this.#readiness = readinessAfter(this.#readiness, event);
    this.#metrics.observe(event, this.#readiness);
  }

  close(): void {
    this.#server.close();
    this.#connections.closeAll();
  }

  async #listen(address: string): Promise<void> {
    const { host, port } = await listenOn(this.#server, '--http', address);
    this.#server.unref(); // probes must not keep a process alive whose work is done
    this.#url = `${this.#scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  async #respond({ url = '', socket }: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#connections.asked(socket);
    const { status, type, body } = await this.#answer(url.split('?')[0]);
    response.writeHead(status, { 'content-type': type }).end(body);
  }

  async #answer(path: string | undefined): Promise<Answer> {
    switch (path) {
      case '/healthz':
        return plain(200, 'ok');
      case '/readyz':
        return plain(this.#readiness.ready ? 200 : 503, this.#readiness.reason);
      case '/metrics':
        return { status: 200, type: this.#metrics.contentType, body: await this.#metrics.write() };
      default:
        return plain(404, 'there is nothing here');
    }
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}
