import { LockstepError, shardsPerStep } from '@lockstep/core';
import type { LogLine } from '@lockstep/protocol';
import { z } from 'zod';
import { problem } from '../schemas.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { createRunControl } from '../run/run-control.js';
import {
  drainAnswer,
  logQuery,
  logReport,
  workerAddress,
  workersReport,
  type LogReport,
} from './schemas.js';
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
  app.get(
    '/api/workers/:id/log',
    {
      schema: {
        summary: 'the newest lines of a worker’s log, the oldest of them first',
        params: workerAddress,
        querystring: logQuery,
        response: { 200: logReport, 400: problem, 503: problem },
      },
    },
    async ({ params: { id }, query: { lines } }) => {
      const log = (await parts.run()).service.roster.log(id);
      if (!log) throw unknown(id);
      return { id, lines: log.slice(-lines).map(lineOf) };
    },
  );
  app.post(
    '/api/workers/:id/drain',
    {
      schema: {
        summary: 'ask a worker to finish its shard and leave',
        params: workerAddress,
        body: z.strictObject({}).nullish(),
        response: { 200: drainAnswer, 400: problem, 403: problem, 409: problem, 503: problem },
      },
    },
    async ({ params: { id } }) => createRunControl(await parts.run()).drain(id),
  );
}

function lineOf({ number, at, warning, text }: LogLine): LogReport['lines'][number] {
  return { number, at, level: warning ? 'warn' : 'info', text };
}

function unknown(id: string): LockstepError {
  return new LockstepError('bad-request', `there is no worker ${id}`, {
    remedy: 'ask for one that /api/workers has',
  });
}
