import type { RouteParts, TypedApp } from '../route-parts.js';
import type { RunMetrics } from './metrics.js';

/** Kubernetes has no token. */
const open = { config: { access: 'open' }, schema: { hide: true } } as const;

/** For Kubernetes and Prometheus. Being alive and leading a run do not depend on Redis. */
export function addProbeRoutes(app: TypedApp, parts: RouteParts, metrics: RunMetrics): void {
  app.get('/healthz', open, () => ({ status: 'ok' }));
  app.get('/readyz', open, (_request, reply) => {
    const ready = parts.leads();
    const reason = parts.waitingFor();
    return reply.status(ready ? 200 : 503).send({
      status: ready ? 'leading' : 'not leading',
      ...(ready || reason === undefined ? {} : { reason }),
    });
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const run = await parts.run();
    await parts.history(); // feeds the metrics
    return reply.type(metrics.contentType).send(await metrics.write(run));
  });
}
