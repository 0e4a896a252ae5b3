import type { RunEvent } from '@lockstep/core';
import { z } from 'zod';
import {
  bestEvaluation,
  metrics,
  moment,
  ms,
  runState,
  selection,
  share,
  testAccuracy,
  whole,
} from '../server/schemas.js';

const loss = z.number().meta({ description: 'mean per sample; in nats for a cross-entropy' });
const omitted = whole.exactOptional().meta({
  description: 'events of the same kind that were left out before this one: too many came',
});
const skippedSteps = whole.exactOptional().meta({
  description: 'steps so far that changed nothing: their gradient is not finite; absent: none',
});
const workerState = z.enum(['joined', 'lost', 'left', 'refused', 'quarantined']);

/** The fields of each event beside its name and its time, all of them and no other. */
const fields = {
  listening: {
    grpc: z.string(),
    http: z.string().exactOptional(),
    dashboard: z.string().exactOptional(),
    taken: z.string().exactOptional(),
  },
  'run-started': {
    runId: z.string(),
    resumedAt: whole
      .exactOptional()
      .meta({ description: 'the version that training continues from' }),
    term: whole
      .exactOptional()
      .meta({ description: 'grows each time a coordinator takes over the run' }),
    model: z.string(),
    parameterCount: whole,
    data: z.string(),
    trainCount: whole,
    testCount: whole,
    inputShape: z
      .array(whole)
      .readonly()
      .meta({ description: 'of one sample: height, width and channels of a picture' }),
    classes: whole.exactOptional().meta({ description: 'absent for a regression' }),
    values: whole
      .exactOptional()
      .meta({ description: 'values of a target; absent for a classification' }),
    unusedLabels: z
      .array(whole)
      .readonly()
      .exactOptional()
      .meta({ description: 'labels below the number of classes that no training sample has' }),
    classNames: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .meta({ description: 'names of the classes, where the data have any' }),
    dataNotes: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .meta({ description: 'what was understood of the files of the data' }),
    initial: z
      .object({ from: z.string(), taken: whole, fresh: z.array(z.string()).readonly() })
      .readonly()
      .exactOptional()
      .meta({ description: 'the given weights that the run begins with' }),
    selection: selection
      .exactOptional()
      .meta({ description: 'how evaluations end the run and choose its model' }),
    skippedSteps,
    steps: whole,
    batch: whole,
    shardsPerStep: whole,
    usefulWorkers: whole,
    backend: z.string(),
    fingerprint: z.string(),
    numerics: z.string(),
    folder: z.string(),
  },
  state: { state: runState, reason: z.string(), omitted },
  step: {
    step: whole,
    loss,
    trainAccuracy: share
      .exactOptional()
      .meta({ description: 'without dropout, before the update; on every 100th step' }),
    samplesPerSecond: z.number(),
    stepMs: ms.exactOptional(),
    workers: whole,
    learningRate: z.number().exactOptional(),
  },
  evaluation: {
    ...{ step: whole, testAccuracy, testLoss: loss, metrics },
    best: bestEvaluation.exactOptional().meta({
      description: 'the best evaluation so far, where evaluations decide about the run',
    }),
  },
  worker: {
    id: z.string(),
    pid: whole,
    host: z.string(),
    state: workerState,
    reason: z.string(),
    omitted,
  },
  scaled: {
    workers: whole.meta({ description: 'the number of workers requested' }),
    reason: z.string(),
  },
  checkpoint: { step: whole, bytes: whole, milliseconds: ms },
  reissue: { step: whole, index: whole, attempt: whole, reason: z.string(), omitted },
  alarm: { code: z.string(), message: z.string(), skippedSteps, omitted },
  'run-finished': {
    runId: z.string(),
    step: whole,
    testAccuracy,
    metrics,
    weightsSha256: z.string(),
    best: z
      .object({ step: whole, metric: z.string(), value: z.number(), weightsSha256: z.string() })
      .readonly()
      .exactOptional()
      .meta({ description: 'the version saved as the model, where that is the best evaluation’s' }),
    skippedSteps,
    seconds: z.number(),
    model: z.string(),
  },
} satisfies { readonly [Name in RunEvent['event']]: FieldsOf<Name> };

type FieldsOf<Name extends RunEvent['event']> = {
  readonly [Field in Exclude<keyof Extract<RunEvent, { event: Name }>, 'event'>]-?: z.ZodType;
};

function timed<Name extends keyof typeof fields>(event: Name) {
  return z.object({ event: z.literal(event), at: moment, ...fields[event] });
}

/** What `/api/events` sends: an event of the run and its time. */
export const runEvent = z
  .discriminatedUnion('event', [
    timed('listening'),
    timed('run-started'),
    timed('state'),
    timed('step'),
    timed('evaluation'),
    timed('worker'),
    timed('scaled'),
    timed('checkpoint'),
    timed('reissue'),
    timed('alarm'),
    timed('run-finished'),
  ])
  .meta({ id: 'RunEvent', description: 'an event of the run and its time' });

export type TimedRunEvent = z.infer<typeof runEvent>;
