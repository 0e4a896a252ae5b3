import { createServer } from 'node:http';
import { ConnectionGuard, listenOn, probeLimits } from '@lockstep/security';
import type { CurrentRun } from '../server/current-run.js';
import { readinessOf, type Readiness } from './readiness.js';

/** `/healthz` and `/readyz` on an address of their own. */
export interface ProbeListener {
  /** `host:port` as bound. */
  readonly address: string;
  close(): void;
}

const alive: Readiness = { status: 200, body: { status: 'ok' } };
const unknown: Readiness = { status: 404, body: { status: 'there is nothing here' } };
const TIMEOUT_MS = 5_000;

/**
 * Serves probes apart from the API: without its limits, so that a supervisor reaches them whatever
 * happens there, and without TLS, which probes of Kubernetes do not verify.
 *
 * @param address `host:port`; port 0 picks a free one
 * @throws LockstepError `port-in-use`, or `bad-option` when the address cannot be bound
 */
export async function startProbeListener(
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
  return {
    address: `${address.slice(0, address.lastIndexOf(':'))}:${port}`,
    close: () => {
      server.close();
      connections.closeAll();
    },
  };
}
