import { LockstepError } from '@lockstep/core';
import { stepPhases } from '../../timeline/step-phases.js';
import type { StepTimeline } from '../../timeline/step-timeline.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { stepAddress, stepTimeline, timelineReport, type StepTimelineRow } from './schemas.js';

const problems = { 400: problem, 503: problem };

/** Where the time of the newest steps went. */
export function addTimelineRoutes(app: TypedApp, parts: RouteParts): void {
  const newest = async (): Promise<readonly StepTimeline[]> =>
    (await parts.run()).service.timelines.newest;
  app.get(
    '/api/timeline',
    {
      schema: {
        summary: 'the newest 200 steps: who did which shard when, and where the time went',
        response: { 200: timelineReport, ...problems },
      },
    },
    async () => ({ steps: (await newest()).flatMap((timeline) => rowOf(timeline) ?? []) }),
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
