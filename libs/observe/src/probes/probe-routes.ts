import type { RouteParts, TypedApp } from '../server/route-parts.js';
import type { RunMetrics } from './metrics.js';
import { readinessOf } from './readiness.js';

/** Kubernetes sends no token. */
const open = { config: { access: 'open' }, schema: { hide: true } } as const;

/** Probes for Kubernetes, which do not depend on Redis, and metrics for Prometheus. */
export function addProbeRoutes(app: TypedApp, parts: RouteParts, metrics: RunMetrics): void {
  app.get('/healthz', open, () => ({ status: 'ok' }));
  app.get('/readyz', open, (_request, reply) => {
    const { status, body } = readinessOf(parts.current);
    return reply.status(status).send(body);
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const run = await parts.run();
    await parts.history(); // feeds the metrics
    return reply.type(metrics.contentType).send(await metrics.write(run));
  });
}
