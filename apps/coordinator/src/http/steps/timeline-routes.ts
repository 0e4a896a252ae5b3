import { LockstepError } from '@lockstep/core';
import { stepPhases } from '../../timeline/step-phases.js';
import type { StepTimeline } from '../../timeline/step-timeline.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { createWrittenOnce } from '../write-once.js';
import {
  stepAddress,
  stepTimeline,
  timelineReport,
  traceQuery,
  traceReport,
  type StepTimelineRow,
} from './schemas.js';
import { traceOf } from './trace.js';

const problems = { 400: problem, 503: problem };

/** Where the time of the newest steps went. */
export function addTimelineRoutes(app: TypedApp, parts: RouteParts): void {
  const newest = async (): Promise<readonly StepTimeline[]> =>
    (await parts.run()).service.timelines.newest;
  const once = createWrittenOnce();
  app.get(
    '/api/timeline',
    {
      serializerCompiler: once.serializerCompiler,
      schema: {
        summary: 'the newest 200 steps: who did which shard when, and where the time went',
        response: { 200: timelineReport, ...problems },
      },
    },
    async () => {
      const timelines = await newest();
      const key = String(timelines.at(-1)?.openedAt);
      return once.keep(key, () => ({ steps: timelines.flatMap((each) => rowOf(each) ?? []) }));
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
      const row = found && rowOf(found);
      if (row) return row;
      throw new LockstepError('bad-request', `step ${step} is not among the newest`, {
        remedy: 'ask for one of those that /api/timeline holds',
      });
    },
  );
}

function rowOf(timeline: StepTimeline): StepTimelineRow | undefined {
  const split = stepPhases(timeline);
  return split && { ...timeline, ...split, shards: [...timeline.shards] };
}
