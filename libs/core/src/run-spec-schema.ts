import { z } from 'zod';
import { LockstepError } from './errors.js';
import { fromFormat1 } from './run-format-1.js';
import type { OptimizerSpec, RunSegment, RunSpec, ScheduleSpec, SettingValue } from './run-spec.js';

const whole = z.int().nonnegative();
const positive = z.int().positive();

export const settingValueSchema = z.union([z.number(), z.string(), z.boolean()]);

const schedule = z
  .object({ kind: z.string(), warmupSteps: whole.exactOptional() })
  .catchall(settingValueSchema);

/**
 * What every optimizer's part of a RunSpec has. The own settings of each optimizer and each schedule
 * are kept as they are: libs/optim, where both are registered, parses them before it uses them.
 */
export const optimizerSpecSchema: z.ZodType<OptimizerSpec> = z
  .object({ kind: z.string(), learningRate: z.number(), schedule })
  .catchall(settingValueSchema);

/** The settings of an optimizer by name, the learning rate among them, or those of a schedule. */
export function settingsOf({
  kind: _kind,
  schedule: _schedule,
  ...settings
}: OptimizerSpec | ScheduleSpec): Readonly<Record<string, SettingValue>> {
  return z.record(z.string(), settingValueSchema).parse(settings);
}

const parameter = z.object({
  name: z.string(),
  shape: z.array(positive),
  gradient: z.enum(['dense', 'factored']),
});

const buffer = z.object({
  name: z.string(),
  shape: z.array(positive),
  frozen: z.literal(true).exactOptional(),
});

const segments = z
  .array(z.object({ afterStep: whole, steps: positive }))
  .min(1)
  .refine(isAscending, 'must ascend, each with steps after afterStep');

const selection = z.object({
  evalEvery: positive,
  earlyStopping: positive.exactOptional(),
  keepBest: z.literal(true).exactOptional(),
});

/** A registry's entry by name, with its settings, which the registry parses. */
const registered = z.object({ kind: z.string() }).catchall(z.json());

const fields = {
  model: z.object({
    name: z.string(),
    sourceSha256: z.string().exactOptional(),
    definitionSha256: z.string().exactOptional(),
    initialisation: z.literal('he').exactOptional(),
    parameters: z.array(parameter),
    buffers: z.array(buffer).min(1).exactOptional(),
    loss: registered,
    metrics: z.array(z.string()),
    lowerIsBetter: z.array(z.string()).min(1).exactOptional(),
  }),
  data: z.object({
    name: z.string(),
    sha256: z.string(),
    trainCount: positive,
    testCount: positive,
    inputShape: z.array(positive),
    target: z.union([z.strictObject({ classes: positive }), z.strictObject({ values: positive })]),
    reader: registered.exactOptional(),
  }),
  batch: positive,
  shardSize: positive,
  steps: positive,
  segments: segments.exactOptional(),
  optimizer: optimizerSpecSchema,
  clipNorm: z.number().positive().exactOptional(),
  ema: z.number().gt(0).lt(1).exactOptional(),
  onNonfinite: z.literal('skip').exactOptional(),
  selection: selection.exactOptional(),
  augment: z.array(registered).min(1).exactOptional(),
  keepProb: z.number(),
  seed: whole,
  initSha256: z.string().exactOptional(),
  threads: positive,
  numerics: z.enum(['strict', 'tolerant']),
  device: z.enum(['cpu', 'gpu']),
  wire: z.enum(['f32', 'bf16']),
};

/** A RunSpec as workers receive it. */
export const runSpecSchema: z.ZodType<RunSpec> = z.object({
  formatVersion: z.literal(2),
  ...fields,
});

/** A RunSpec as it is stored, by this release or an earlier one. */
export const storedRunSpecSchema: z.ZodType<RunSpec> = z.preprocess(
  fromFormat1,
  z.object({ formatVersion: z.literal([1, 2]), ...fields }),
);

function isAscending(found: readonly RunSegment[]): boolean {
  return found.every(
    ({ afterStep, steps }, i) => afterStep < steps && afterStep > (found[i - 1]?.afterStep ?? -1),
  );
}

/**
 * Reads a RunSpec that came as JSON.
 *
 * @param from its sender, for the error: `the coordinator`
 * @throws LockstepError `protocol-violation` with every field that is wrong
 */
export function parseRunSpec(json: string, from: string): RunSpec {
  const result = runSpecSchema.safeParse(valueOf(json));
  if (result.success) return result.data;
  throw new LockstepError(
    'protocol-violation',
    `${from} sent a run spec that cannot be read: ${z.prettifyError(result.error)}`,
    { remedy: 'use the same version of Lockstep for the coordinator and all workers' },
  );
}

/** The value of a JSON text; undefined, which no schema accepts, where it is not JSON. */
function valueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
