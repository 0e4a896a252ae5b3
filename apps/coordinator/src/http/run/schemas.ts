import { z } from 'zod';
import {
  evaluation,
  lastEventId,
  moment,
  ms,
  runState,
  share,
  specSummary,
  whole,
} from '../schemas.js';

export const runReport = z.object({
  runId: z.string(),
  state: runState,
  reason: z.string(),
  since: moment,
  stopping: z.boolean().meta({ description: 'whether it has been asked to stop' }),
  term: whole,
  step: whole.meta({ description: 'the last step committed' }),
  steps: whole,
  version: whole.meta({ description: 'the version of the weights that workers are to hold' }),
  samplesPerSecond: z.number(),
  stepMs: ms.nullable().meta({ description: 'milliseconds that the last step took' }),
  secondsLeft: z
    .number()
    .nullable()
    .meta({ description: 'at the present rate; null unless running' }),
  learningRate: z.number().nullable().meta({ description: 'of the last step' }),
  loss: z.number().nullable().meta({ description: 'mean cross-entropy of the last step, in nats' }),
  trainAccuracy: share.nullable().meta({ description: 'the last one taken, without dropout' }),
  trainAccuracyStep: whole.nullable().meta({ description: 'the step that it was taken at' }),
  lastEvaluation: evaluation.nullable(),
  bestEvaluation: evaluation.nullable(),
  workers: z
    .object({ joining: whole, ready: whole, quarantined: whole })
    .meta({ description: 'all 0 once the run has ended' }),
  usefulWorkers: whole.meta({ description: 'more workers than this cannot help' }),
  wantedWorkers: whole.nullable().meta({
    description: 'the number last asked for of what starts workers; null before anybody asked',
  }),
  canScale: z.boolean().meta({ description: 'whether this coordinator can start workers' }),
  scaler: z
    .object({
      kind: z.enum(['local', 'kubernetes']),
      target: z.string().nullable().meta({ description: 'what is scaled in the cluster' }),
    })
    .nullable()
    .meta({ description: 'what starts and drains workers on request; null for nothing' }),
  stays: z
    .boolean()
    .meta({ description: 'whether the coordinator goes on answering after the end of the run' }),
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
  changed: z.boolean().meta({ description: 'false when it was so already' }),
});

export const MOST_WORKERS = 1_000;

export const scaleRequest = z.strictObject({ workers: whole.max(MOST_WORKERS) });

export const scaleAnswer = z.object({ wanted: whole, useful: whole, ready: whole });

export type RunReport = z.infer<typeof runReport>;
export type ControlAnswer = z.infer<typeof controlAnswer>;
export type ScaleAnswer = z.infer<typeof scaleAnswer>;
