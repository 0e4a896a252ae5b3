import { z } from 'zod';

/** Parts that the schemas of several routes share. */

export const whole = z.int().nonnegative();
/** A number in a query string. */
export const wholeText = z.coerce.number().int().nonnegative();
export const share = z.number().min(0).max(1);
export const ms = z.number().meta({ description: 'milliseconds' });
export const moment = z.number().meta({ description: 'milliseconds since the epoch' });

export const runState = z.enum([
  'waiting-for-workers',
  'running',
  'paused',
  'finished',
  'stopped',
  'failed',
]);

export const testAccuracy = share.exactOptional().meta({ description: 'of a classification' });
export const metrics = z
  .record(z.string(), z.number())
  .readonly()
  .default({})
  .meta({ description: 'each metric of the run on the test set, by name; none in old runs' });

export const bestEvaluation = z
  .object({ step: whole, metric: z.string(), value: z.number() })
  .readonly();
export const selection = z
  .object({
    evalEvery: whole.meta({ description: 'steps between two evaluations' }),
    earlyStopping: whole
      .exactOptional()
      .meta({ description: 'the run ends after this many evaluations without a better one' }),
    keepBest: z
      .literal(true)
      .exactOptional()
      .meta({ description: 'whether the best version is the model; absent: the last one is' }),
  })
  .readonly();

export const evaluation = z.object({
  step: whole,
  testAccuracy,
  testLoss: z.number().meta({ description: 'mean per sample; in nats for a cross-entropy' }),
  metrics,
  best: bestEvaluation.exactOptional().meta({
    description: 'the best evaluation up to then, where evaluations decide about the run',
  }),
  at: moment,
});

export const skippedEvents = whole.meta({
  description: 'lines of the run’s events.jsonl that hold no valid event and are not shown',
});

const settings = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** A summary of the RunSpec. */
export const specSummary = z.object({
  model: z.string(),
  parameterCount: whole,
  data: z.string(),
  trainCount: whole,
  testCount: whole,
  inputShape: z.array(whole).meta({ description: 'of one sample' }),
  classes: whole.nullable().meta({ description: 'of the data; null for a regression' }),
  loss: z.string(),
  metrics: z.array(z.string()).meta({ description: 'the first one decides which version is best' }),
  metricTraits: z
    .record(
      z.string(),
      z.object({ better: z.enum(['higher', 'lower']), format: z.enum(['percent', 'number']) }),
    )
    .meta({ description: 'of each metric: which value is better, and how values are shown' }),
  selection: selection.nullable().meta({
    description: 'how evaluations end the run and choose its model; null: they do neither',
  }),
  batch: whole,
  shardSize: whole,
  shardsPerStep: whole,
  optimizer: z.string(),
  optimizerSettings: settings.meta({
    description: 'the settings of the optimizer beside the learning rate, by name',
  }),
  learningRate: z.number(),
  schedule: z.string(),
  scheduleSettings: settings.meta({ description: 'the settings of the schedule, by name' }),
  clipNorm: z.number().nullable().meta({ description: 'largest global norm of a gradient' }),
  augment: z.string().nullable().meta({ description: 'random changes of training pictures' }),
  ema: z.number().nullable().meta({ description: 'decay of the moving average of the weights' }),
  keepProb: z.number(),
  seed: whole,
  threads: whole,
  numerics: z.string(),
  device: z.string(),
  wire: z.string(),
  sha256: z.string(),
});

export const lastEventId = z
  .string()
  .meta({ description: 'the `lastEventId` to follow /api/events from' });

/** The body of every error response. */
export const problem = z.object({
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
});

export type Evaluated = z.infer<typeof evaluation>;
export type SpecSummary = z.infer<typeof specSummary>;
export type Problem = z.infer<typeof problem>;
