import { z } from 'zod';
import {
  evaluation,
  lastEventId,
  moment,
  ms,
  runState,
  share,
  skippedEvents,
  specSummary,
  whole,
} from '../server/schemas.js';

export const runReport = z.object({
  runId: z.string(),
  state: runState,
  reason: z.string(),
  since: moment,
  stopping: z.boolean().meta({ description: 'whether it has been asked to stop' }),
  term: whole,
  step: whole.meta({ description: 'the last step committed' }),
  steps: whole,
  version: whole.meta({ description: 'the current version of the weights' }),
  samplesPerSecond: z.number(),
  stepMs: ms.nullable().meta({ description: 'milliseconds of the last step' }),
  secondsLeft: z
    .number()
    .nullable()
    .meta({ description: 'at the current rate; null unless running' }),
  learningRate: z.number().nullable().meta({ description: 'of the last step' }),
  loss: z.number().nullable().meta({ description: 'mean per sample of the last step' }),
  trainAccuracy: share.nullable().meta({ description: 'the last one measured, without dropout' }),
  trainAccuracyStep: whole.nullable().meta({ description: 'the step at which it was measured' }),
  lastEvaluation: evaluation.nullable(),
  bestEvaluation: evaluation
    .nullable()
    .meta({ description: 'by the first metric of the run; the model, where it keeps the best' }),
  skippedSteps: whole.meta({
    description: 'steps that changed nothing, since their gradient is not finite',
  }),
  workers: z
    .object({ joining: whole, ready: whole, quarantined: whole })
    .meta({ description: 'all 0 once the run has ended' }),
  usefulWorkers: whole.meta({ description: 'more workers than this cannot help' }),
  wantedWorkers: whole.nullable().meta({
    description: 'the number last requested through this API; null before a request',
  }),
  canScale: z.boolean().meta({ description: 'whether this coordinator can start workers' }),
  scaler: z
    .object({
      kind: z.enum(['local', 'kubernetes']),
      target: z.string().nullable().meta({ description: 'the scaled object in the cluster' }),
    })
    .nullable()
    .meta({ description: 'how workers are started and drained on request; null: they are not' }),
  stays: z
    .boolean()
    .meta({ description: 'whether the coordinator keeps running after the end of the run' }),
  skippedEvents,
  fingerprint: z.string(),
  createdAt: z.string(),
  folder: z.string(),
  spec: specSummary,
  lastEventId,
});

export const controlAnswer = z.object({
  runId: z.string(),
  state: runState,
  reason: z.string(),
  step: whole,
  changed: z.boolean().meta({ description: 'false where it was in that state already' }),
});

export const MOST_WORKERS = 1_000;

export const scaleRequest = z.strictObject({ workers: whole.max(MOST_WORKERS) });

export const scaleAnswer = z.object({ wanted: whole, useful: whole, ready: whole });

export type RunReport = z.infer<typeof runReport>;
export type ControlAnswer = z.infer<typeof controlAnswer>;
export type ScaleAnswer = z.infer<typeof scaleAnswer>;
