import { status, type ServerWritableStream } from '@grpc/grpc-js';
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService,
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
} from './generated/grpc/health/v1/health.js';
import { failStream } from './streams.js';

export { HealthService };

/** Most open watches: they need no token, and stay open. */
const MOST_WATCHES = 1_000;

/**
 * `grpc.health.v1` for services that serve as long as their server runs. Watches stay open, as the
 * standard requires, until `endWatches`.
 *
 * @param names the services' full names; the empty one stands for the whole server
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function createHealth(names: readonly string[]): {
  health: HealthServer;
  endWatches: () => void;
} {
  const known = new Set(names);
  const watches = new Set<ServerWritableStream<HealthCheckRequest, HealthCheckResponse>>();
  const health: HealthServer = {
    check: ({ request }, reply) => {
      if (known.has(request.service)) return reply(null, { status: Serving.SERVING });
      return reply({ code: status.NOT_FOUND, details: `unknown service ${request.service}` });
    },
    list: (_call, reply) => {
      const statuses = names.map((name) => [name, { status: Serving.SERVING }] as const);
      reply(null, { statuses: Object.fromEntries(statuses) });
    },
    watch: (call) => {
      const { service } = call.request;
      if (watches.size >= MOST_WATCHES) return failStream(call, tooManyWatches());
      watches.add(call);
      call.on('close', () => watches.delete(call));
      call.write({ status: known.has(service) ? Serving.SERVING : Serving.SERVICE_UNKNOWN });
    },
  };
  return { health, endWatches: () => watches.forEach((call) => call.end()) };
}

function tooManyWatches(): Error {
  const details = `${MOST_WATCHES} watches are open, no more are accepted`;
  return Object.assign(new Error(details), { code: status.RESOURCE_EXHAUSTED, details });
}
