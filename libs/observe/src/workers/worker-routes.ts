import { LockstepError, shardsPerStep } from '@lockstep/core';
import type { LogLine } from '@lockstep/protocol';
import { z } from 'zod';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import {
  drainAnswer,
  logQuery,
  logReport,
  workerAddress,
  workersReport,
  type LogReport,
} from './schemas.js';
import { workerRows } from './worker-rows.js';

const routes = {
  workers: {
    schema: {
      summary: 'one row per worker',
      response: { 200: workersReport, 400: problem, 503: problem },
    },
  },
  log: {
    schema: {
      summary: 'the newest lines of a worker’s log, oldest first',
      params: workerAddress,
      querystring: logQuery,
      response: { 200: logReport, 400: problem, 503: problem },
    },
  },
  drain: {
    schema: {
      summary: 'ask a worker to finish its shard and leave',
      params: workerAddress,
      body: z.strictObject({}).nullish(),
      response: { 200: drainAnswer, 400: problem, 403: problem, 409: problem, 503: problem },
    },
  },
};

/** The workers, their logs, and draining one. */
export function addWorkerRoutes(app: TypedApp, parts: RouteParts): void {
  app.get('/api/workers', routes.workers, async () => {
    const { view } = await parts.run();
    const usefulWorkers = shardsPerStep(view.folder.record.spec);
    return { workers: workerRows(view), usefulWorkers };
  });
  app.get('/api/workers/:id/log', routes.log, async ({ params: { id }, query: { lines } }) => {
    const log = (await parts.run()).view.workerLog(id);
    if (!log) throw unknown(id);
    return { id, lines: log.slice(-lines).map(lineOf) };
  });
  app.post('/api/workers/:id/drain', routes.drain, ({ params: { id } }) => parts.control.drain(id));
}

function lineOf({ number, at, warning, text }: LogLine): LogReport['lines'][number] {
  return { number, at, level: warning ? 'warn' : 'info', text };
}

function unknown(id: string): LockstepError {
  return new LockstepError('bad-request', `there is no worker ${id}`, {
    remedy: 'choose one from /api/workers',
  });
}
