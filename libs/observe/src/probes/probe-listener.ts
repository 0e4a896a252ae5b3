import { createServer, type Server } from 'node:http';
import { ConnectionGuard, listenOn, probeLimits } from '@lockstep/security';
import type { CurrentRun } from '../server/current-run.js';
import { readinessOf, type Readiness } from './readiness.js';

const alive: Readiness = { status: 200, body: { status: 'ok' } };
const unknown: Readiness = { status: 404, body: { status: 'there is nothing here' } };
const TIMEOUT_MS = 5_000;

/**
 * Serves `/healthz` and `/readyz` on an address of their own: without the API's limits, so that a
 * supervisor reaches them whatever happens there, and without TLS, which probes of Kubernetes do not
 * verify.
 */
export class ProbeListener {
  /** `host:port` as bound. */
  readonly address: string;
  readonly #server: Server;
  readonly #connections: ConnectionGuard;

  private constructor(address: string, server: Server, connections: ConnectionGuard) {
    this.address = address;
    this.#server = server;
    this.#connections = connections;
  }

  /**
   * @param address `host:port`; port 0 picks a free one
   * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
   */
  static async start(
    address: string,
    current: Pick<CurrentRun, 'isLed' | 'waitingFor'>,
  ): Promise<ProbeListener> {
    const timeouts = { headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS };
    const server = createServer(timeouts, ({ url = '' }, response) => {
      const path = url.split('?')[0];
      const { status, body } =
        path === '/healthz' ? alive : path === '/readyz' ? readinessOf(current) : unknown;
      const headers = { 'content-type': 'application/json; charset=utf-8', connection: 'close' };
      response.writeHead(status, headers).end(JSON.stringify(body));
    });
    const connections = new ConnectionGuard(probeLimits);
    connections.watch(server);
    const { port } = await listenOn(server, '--probes', address);
    const host = address.slice(0, address.lastIndexOf(':'));
    return new ProbeListener(`${host}:${port}`, server, connections);
  }

  close(): void {
    this.#server.close();
    this.#connections.closeAll();
  }
}
