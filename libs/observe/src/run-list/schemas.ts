import { z } from 'zod';
import { evaluation, runState, skippedEvents, specSummary, whole } from '../server/schemas.js';

export const runSummary = z.object({
  id: z.string(),
  state: z
    .enum([...runState.options, 'interrupted'])
    .meta({ description: 'interrupted: not ended, but no coordinator leads it' }),
  reason: z.string(),
  led: z.boolean().meta({ description: 'whether this coordinator leads it' }),
  step: whole,
  steps: whole,
  lastEvaluation: evaluation.nullable(),
  bestEvaluation: evaluation.nullable(),
  skippedEvents,
  createdAt: z.string(),
  spec: specSummary,
});

export const runsReport = z.object({
  runs: z.array(runSummary).meta({ description: 'newest first' }),
  more: whole.meta({ description: 'older runs that are not listed' }),
});

export const runAddress = z.strictObject({ runId: z.string().regex(/^[\w.-]{1,200}$/) });

export type RunSummary = z.infer<typeof runSummary>;
