import { z } from 'zod';
import { phaseNames } from '../timeline/step-phases.js';

const whole = z.int().nonnegative();
const runState = z.enum([
  'waiting-for-workers',
  'running',
  'paused',
  'finished',
  'stopped',
  'failed',
]);
/** Milliseconds since the epoch. */
const moment = z.number().meta({ description: 'milliseconds since the epoch' });
const share = z.number().min(0).max(1);

const evaluation = z.object({
  step: whole,
  testAccuracy: share,
  testLoss: z.number().meta({ description: 'mean cross-entropy, in nats' }),
  at: moment,
});

/** What decides a run's bits, in short. */
const specSummary = z.object({
  model: z.string(),
  parameterCount: whole,
  data: z.string(),
  trainCount: whole,
  testCount: whole,
  batch: whole,
  shardSize: whole,
  shardsPerStep: whole,
  learningRate: z.number(),
  momentum: z.number(),
  schedule: z.string(),
  keepProb: z.number(),
  seed: whole,
  threads: whole,
  numerics: z.string(),
  device: z.string(),
  wire: z.string(),
  sha256: z.string(),
});

export const runReport = z.object({
  runId: z.string(),
  state: runState,
  reason: z.string(),
  since: moment,
  term: whole,
  step: whole.meta({ description: 'the last step committed' }),
  steps: whole,
  version: whole.meta({ description: 'the version of the weights that workers are to hold' }),
  samplesPerSecond: z.number(),
  loss: z.number().nullable().meta({ description: 'mean cross-entropy of the last step, in nats' }),
  trainAccuracy: share.nullable().meta({ description: 'the last one taken, without dropout' }),
  lastEvaluation: evaluation.nullable(),
  bestEvaluation: evaluation.nullable(),
  workers: z.object({ joining: whole, ready: whole, quarantined: whole }),
  usefulWorkers: whole.meta({ description: 'more workers than this cannot help' }),
  fingerprint: z.string(),
  createdAt: z.string(),
  folder: z.string(),
  spec: specSummary,
  lastEventId: z.string().meta({ description: 'follow /api/events from here' }),
});

export const workerRow = z.object({
  id: z.string(),
  host: z.string(),
  pid: whole,
  backend: z.string(),
  state: z.enum(['joining', 'ready', 'quarantined']),
  joinedAt: moment,
  heartbeatAgeMs: z.number(),
  version: whole.nullable(),
  shard: z.object({ step: whole, index: whole, attempt: whole }).nullable(),
  countedShards: whole,
  countedSamples: whole,
  share: share.meta({ description: 'of all samples counted, those by this worker' }),
  refusals: z.record(z.string(), whole),
  rssBytes: z.number().nullable(),
  tensorCount: whole.nullable(),
  cpuSeconds: z.number().nullable(),
});

export const workersReport = z.object({
  workers: z.array(workerRow),
  usefulWorkers: whole,
});

export const stepRow = z.object({
  step: whole,
  loss: z.number(),
  trainAccuracy: share.exactOptional(),
  samplesPerSecond: z.number(),
  learningRate: z.number().exactOptional(),
  workers: whole,
  at: moment,
});

/** Numbers come as text in a query. */
const wholeText = z.coerce.number().int().nonnegative();

export const MOST_POINTS = 10_000;

export const stepsQuery = z.strictObject({
  from: wholeText.default(0),
  to: wholeText.default(Number.MAX_SAFE_INTEGER),
  points: wholeText.min(2).max(MOST_POINTS).default(MOST_POINTS),
});

export const stepsReport = z.object({
  steps: z.array(stepRow),
  evaluations: z.array(evaluation),
  decimated: z.boolean().meta({ description: 'whether steps were left away to keep to `points`' }),
});

export const checkpointRow = z.object({
  version: whole,
  bytes: whole,
  at: moment,
  milliseconds: z.number().meta({ description: 'how long saving took' }),
  kept: z.boolean().meta({ description: 'whether its file is still there' }),
});

export const checkpointsReport = z.object({ checkpoints: z.array(checkpointRow) });

const ms = z.number().meta({ description: 'milliseconds' });
const sinceOpened = z.number().meta({ description: 'milliseconds since the step was opened' });

export const stepTimeline = z.object({
  step: whole,
  openedAt: moment,
  wallMs: ms,
  phases: z
    .record(z.enum(phaseNames), ms)
    .meta({ description: 'the wall time along the shard that was answered last' }),
  otherMs: ms.meta({ description: 'what no phase accounts for' }),
  criticalShard: whole,
  recordedAt: sinceOpened,
  reducedAt: sinceOpened,
  publishedAt: sinceOpened,
  updateBytes: whole.meta({ description: 'of the update, to each follower' }),
  followers: whole,
  shards: z.array(
    z.object({
      index: whole,
      worker: z.string(),
      attempt: whole,
      takenAt: sinceOpened,
      receivedAt: sinceOpened,
      judgedAt: sinceOpened,
      payloadBytes: whole,
      timings: z
        .object({
          ...{ idleMs: ms, waitMs: ms, decodeMs: ms, applyMs: ms },
          ...{ computeMs: ms, encodeMs: ms, leaveMs: ms, handMs: ms },
        })
        .meta({ description: 'measured by the worker' }),
    }),
  ),
});

export const timelineReport = z.object({ steps: z.array(stepTimeline) });

export const stepAddress = z.strictObject({ step: wholeText.min(1) });

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

export const problem = z.object({
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
});

export type Evaluated = z.infer<typeof evaluation>;
export type RunReport = z.infer<typeof runReport>;
export type WorkerRow = z.infer<typeof workerRow>;
export type WorkersReport = z.infer<typeof workersReport>;
export type StepRow = z.infer<typeof stepRow>;
export type StepsReport = z.infer<typeof stepsReport>;
export type StepsQuery = z.infer<typeof stepsQuery>;
export type CheckpointRow = z.infer<typeof checkpointRow>;
export type StepTimelineRow = z.infer<typeof stepTimeline>;
export type TimelineReport = z.infer<typeof timelineReport>;
export type ControlAnswer = z.infer<typeof controlAnswer>;
export type ScaleAnswer = z.infer<typeof scaleAnswer>;
export type Problem = z.infer<typeof problem>;
