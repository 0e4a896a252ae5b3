import { shardsPerStep } from '@lockstep/core';
import { problem } from '../schemas.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { workersReport } from './schemas.js';
import { workerRows } from './worker-rows.js';

/** The workers, one by one. */
export function addWorkerRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/workers',
    {
      schema: {
        summary: 'one row a worker',
        response: { 200: workersReport, 400: problem, 503: problem },
      },
    },
    async () => {
      const run = await parts.run();
      const { spec } = run.service;
      return { workers: workerRows(run, Date.now()), usefulWorkers: shardsPerStep(spec) };
    },
  );
}
