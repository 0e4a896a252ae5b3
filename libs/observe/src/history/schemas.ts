import { z } from 'zod';
import { runEvent } from '../events/schemas.js';
import { evaluation, lastEventId, moment, ms, share, whole, wholeText } from '../server/schemas.js';

export const stepRow = z.object({
  step: whole,
  loss: z.number(),
  trainAccuracy: share.exactOptional(),
  samplesPerSecond: z.number(),
  stepMs: ms.exactOptional(),
  learningRate: z.number().exactOptional(),
  workers: whole,
  at: moment,
});

export const MOST_POINTS = 10_000;

export const stepsQuery = z.strictObject({
  from: wholeText.default(0),
  to: wholeText.default(Number.MAX_SAFE_INTEGER),
  points: wholeText.min(2).max(MOST_POINTS).default(MOST_POINTS),
});

export const stepsReport = z.object({
  steps: z.array(stepRow),
  evaluations: z.array(evaluation),
  decimated: z.boolean().meta({ description: 'whether steps were left out to keep to `points`' }),
});

/** Of the run that is being led. */
export const liveStepsReport = stepsReport.extend({ lastEventId });

export const activityReport = z.object({
  events: z.array(runEvent).meta({
    description:
      'without steps, newest first: 100 each of reissues, evaluations and checkpoints, 300 of all others',
  }),
  lastEventId,
});

export type StepRow = z.infer<typeof stepRow>;
export type StepsReport = z.infer<typeof stepsReport>;
export type StepsQuery = z.infer<typeof stepsQuery>;
export type LiveStepsReport = z.infer<typeof liveStepsReport>;
export type ActivityReport = z.infer<typeof activityReport>;
