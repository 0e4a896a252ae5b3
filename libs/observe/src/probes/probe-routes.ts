import type { RouteParts, TypedApp } from '../server/route-parts.js';
import type { RunMetrics } from './metrics.js';

/** Kubernetes sends no token. */
const open = { config: { access: 'open' }, schema: { hide: true } } as const;

/** Probes for Kubernetes, which do not depend on Redis, and metrics for Prometheus. */
export function addProbeRoutes(app: TypedApp, parts: RouteParts, metrics: RunMetrics): void {
  app.get('/healthz', open, () => ({ status: 'ok' }));
  app.get('/readyz', open, (_request, reply) => {
    const { isLed, waitingFor: reason } = parts.current;
    return reply.status(isLed ? 200 : 503).send({
      status: isLed ? 'leading' : 'not leading',
      ...(isLed || reason === undefined ? {} : { reason }),
    });
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const run = await parts.run();
    await parts.history(); // feeds the metrics
    return reply.type(metrics.contentType).send(await metrics.write(run));
  });
}
