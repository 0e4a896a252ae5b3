import {
  LockstepError,
  optimizerSpecSchema,
  settingValueSchema,
  type OptimizerSpec,
  type RunSpec,
  type SettingValue,
  type StateLayout,
} from '@lockstep/core';
import { z } from 'zod';
import type { Optimizer, TensorFlow, UpdateRule } from './optimizer.js';
import * as registered from './registered.js';

/** Every optimizer, by name. */
export const optimizers: readonly Optimizer[] = Object.values(registered);

type Registered = (typeof registered)[keyof typeof registered];
type Intersected<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** The settings of all optimizers by name, each optional. */
export type OptimizerSettings = Partial<Intersected<z.output<Registered['schema']>>>;

/** One setting of one or more optimizers. */
export interface OptimizerSetting {
  /** As in a RunSpec: `learningRate`. */
  readonly key: keyof OptimizerSettings;
  /** `learning-rate` */
  readonly flag: string;
  readonly type: 'number' | 'string' | 'boolean';
  readonly description: string;
  /** Of the first optimizer that has it. */
  readonly default: SettingValue;
  /** Parses the setting; each optimizer's own bounds hold beside it. */
  readonly schema: z.ZodType;
  /** Names of the optimizers that have this setting. */
  readonly optimizers: readonly string[];
}

/** What a setting's JSON schema must say; one without a description or a default is a defect. */
const described = z.object({
  type: z.enum(['number', 'string', 'boolean']),
  description: z.string(),
  default: settingValueSchema,
});

/** The settings of all optimizers, each once, from their schemas. */
export const optimizerSettings: readonly OptimizerSetting[] = settingsOf(optimizers);

/** One entry for each setting of the registered optimizers, by its name. */
export function bySetting<Entries extends Record<keyof OptimizerSettings, unknown>>(
  make: (setting: OptimizerSetting) => Entries[keyof OptimizerSettings],
): Entries {
  const entries = optimizerSettings.map((setting) => [setting.key, make(setting)] as const);
  return Object.fromEntries(entries) as Entries; // it has every key by construction
}

/**
 * An optimizer's part of a RunSpec.
 *
 * @param given settings by key; one that is undefined has the value in `usual` or its schema's default
 * @param usual settings for the optimizer that it names; its schedule holds for each
 * @throws LockstepError `bad-option` naming each setting that the optimizer does not have, or that is
 *   out of bounds
 */
export function optimizerSpec(
  kind: string,
  given: Readonly<Record<string, unknown>>,
  usual: OptimizerSpec,
): OptimizerSpec {
  const { schema } = optimizerNamed(kind);
  const { kind: usualKind, schedule, ...usualSettings } = usual;
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const parsed = schema
    .strict()
    .safeParse({ ...(kind === usualKind ? usualSettings : {}), ...Object.fromEntries(set) });
  if (!parsed.success) {
    throw new LockstepError('bad-option', mistakesIn(parsed.error, kind, given).join('\n'), {
      remedy: `${kind} has ${Object.keys(schema.shape).map(optionOf).join(', ')}`,
    });
  }
  return optimizerSpecSchema.parse({ kind, ...parsed.data, schedule });
}

/**
 * The settings of a run's optimizer; one that came after the run was begun has its default.
 *
 * @throws LockstepError `run-damaged` where this version has no such optimizer or not its settings
 */
export function optimizerSettingsOf(spec: OptimizerSpec): Readonly<Record<string, SettingValue>> {
  return z.record(z.string(), settingValueSchema).parse(optimizerOf(spec).settings);
}

/** The layout of a run's states, from its parameters and the slots of its optimizer. */
export function stateLayout({
  model,
  optimizer,
}: Pick<RunSpec, 'optimizer'> & {
  readonly model: Pick<RunSpec['model'], 'parameters'>;
}): StateLayout {
  const { entry, settings } = optimizerOf(optimizer);
  return { parameters: model.parameters, slots: entry.slots(settings) };
}

/** The update rule of a run's optimizer. */
export function updateRule(tf: TensorFlow, spec: OptimizerSpec): UpdateRule {
  const { entry, settings } = optimizerOf(spec);
  return entry.make(tf, settings);
}

/** @throws LockstepError `run-damaged` where this version has no such optimizer or not its settings */
function optimizerOf(spec: OptimizerSpec): {
  readonly entry: Optimizer;
  readonly settings: Record<string, unknown>;
} {
  const { kind, schedule: _schedule, ...given } = spec;
  const entry = optimizers.find(({ name }) => name === kind);
  const settings = entry?.schema.strict().safeParse(given);
  if (entry && settings?.success) return { entry, settings: settings.data };
  const what = entry
    ? `the settings of optimizer ${kind} are invalid`
    : `the run's optimizer is ${kind}, which this version does not have`;
  throw new LockstepError('run-damaged', what, {
    remedy: 'use the version of Lockstep that the run was begun with',
    cause: settings?.error,
  });
}

function optimizerNamed(kind: string): Optimizer {
  const entry = optimizers.find(({ name }) => name === kind);
  if (entry) return entry;
  throw new LockstepError('bad-option', `unknown optimizer ${kind}`, {
    remedy: `choose one of ${optimizers.map(({ name }) => name).join(', ')}`,
  });
}

function settingsOf(entries: readonly Optimizer[]): OptimizerSetting[] {
  const settings = new Map<keyof OptimizerSettings, OptimizerSetting>();
  for (const { name, schema } of entries) {
    const properties = z.toJSONSchema(schema, { io: 'input' }).properties ?? {};
    for (const key of settingNames(schema)) {
      const known = settings.get(key);
      settings.set(
        key,
        known
          ? { ...known, optimizers: [...known.optimizers, name] }
          : {
              ...{ key, flag: flagOf(key), ...described.parse(properties[key]) },
              ...{ schema: schema.shape[key] as z.ZodType, optimizers: [name] },
            },
      );
    }
  }
  return [...settings.values()];
}

function settingNames(schema: z.ZodObject): (keyof OptimizerSettings)[] {
  return Object.keys(schema.shape) as (keyof OptimizerSettings)[];
}

function mistakesIn(
  { issues }: z.ZodError,
  kind: string,
  given: Readonly<Record<string, unknown>>,
): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${optionOf(key)} is not a setting of optimizer ${kind}`);
    }
    const key = String(issue.path[0]);
    return `${optionOf(key)} ${issue.message}, not ${String(given[key])}`;
  });
}

const optionOf = (key: string): string => `--${flagOf(key)}`;

/** `learningRate` → `learning-rate`. */
function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
