import { LockstepError } from '@lockstep/core';
import type { StepTimeline } from '../../timeline/step-timeline.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import {
  stepAddress,
  stepTimeline,
  timelineQuery,
  timelineReport,
  traceQuery,
  traceReport,
} from './schemas.js';
import { createTimelineRows } from './timeline-rows.js';
import { traceOf } from './trace.js';

const problems = { 400: problem, 503: problem };

/** Where the time of the newest steps went. */
export function addTimelineRoutes(app: TypedApp, parts: RouteParts): void {
  const newest = async (): Promise<readonly StepTimeline[]> =>
    (await parts.run()).service.timelines.newest;
  const rows = createTimelineRows();
  app.get(
    '/api/timeline',
    {
      serializerCompiler: () => rows.write,
      schema: {
        summary:
          'the newest 200 steps, or those of them after a step: who did which shard when, and where the time went',
        querystring: timelineQuery,
        response: { 200: timelineReport, ...problems },
      },
    },
    async ({ query: { after } }) => {
      const timelines = await newest();
      const known = timelines.findIndex(({ step }) => step === after);
      return { steps: timelines.slice(known + 1).flatMap((each) => rows.of(each) ?? []) };
    },
  );
  app.get(
    '/api/trace',
    {
      serializerCompiler: () => JSON.stringify,
      schema: {
        summary: 'the newest 200 steps, or those in a range, for Perfetto or chrome://tracing',
        querystring: traceQuery,
        response: { 200: traceReport, ...problems },
      },
    },
    async ({ query: { from, to } }, reply) => {
      const { runId } = (await parts.run()).service.collector.state;
      const wanted = (await newest()).filter(({ step }) => step >= from && step <= to);
      reply.header('content-disposition', `attachment; filename="${runId}.trace.json"`);
      return traceOf(wanted);
    },
  );
  app.get(
    '/api/steps/:step/timeline',
    {
      schema: {
        summary: 'one of the newest 200 steps: who did which shard when',
        params: stepAddress,
        response: { 200: stepTimeline, ...problems },
      },
    },
    async ({ params: { step } }) => {
      const found = (await newest()).find((timeline) => timeline.step === step);
      const row = found && rows.of(found);
      if (row) return row;
      throw new LockstepError('bad-request', `step ${step} is not among the newest`, {
        remedy: 'ask for one of those that /api/timeline holds',
      });
    },
  );
}
