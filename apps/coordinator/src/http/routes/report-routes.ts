import { shardsPerStep } from '@lockstep/core';
import { listCheckpoints } from '../../store/checkpoints.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { decimate } from '../decimate.js';
import { reportRun } from '../run-report.js';
import {
  checkpointsReport,
  problem,
  runReport,
  stepsQuery,
  stepsReport,
  workersReport,
} from '../schemas.js';
import { workerRows } from '../worker-rows.js';

const problems = { 400: problem, 503: problem };

/** What there is to see of a run. */
export function addReportRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/run',
    { schema: { summary: 'how the run stands', response: { 200: runReport, ...problems } } },
    async () => reportRun(await parts.run(), await parts.history(), parts.feed),
  );
  app.get(
    '/api/workers',
    { schema: { summary: 'one row a worker', response: { 200: workersReport, ...problems } } },
    async () => {
      const run = await parts.run();
      const { spec } = run.service;
      return { workers: workerRows(run, Date.now()), usefulWorkers: shardsPerStep(spec) };
    },
  );
  app.get(
    '/api/steps',
    {
      schema: {
        summary: 'the steps from one to another, at most `points` of them, and the evaluations',
        querystring: stepsQuery,
        response: { 200: stepsReport, ...problems },
      },
    },
    async ({ query: { from, to, points } }) => {
      const history = await parts.history();
      const inRange = ({ step }: { step: number }): boolean => step >= from && step <= to;
      const found = history.steps.filter(inRange);
      const steps = decimate(found, points);
      const evaluations = history.evaluations.filter(inRange);
      return { steps: [...steps], evaluations, decimated: steps.length < found.length };
    },
  );
  app.get(
    '/api/checkpoints',
    {
      schema: {
        summary: 'the checkpoints saved',
        response: { 200: checkpointsReport, ...problems },
      },
    },
    async () => {
      const { disk } = (await parts.run()).folder;
      const kept = new Set(await listCheckpoints(disk));
      const { checkpoints } = await parts.history();
      return { checkpoints: checkpoints.map((row) => ({ ...row, kept: kept.has(row.version) })) };
    },
  );
}
