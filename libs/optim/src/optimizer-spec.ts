import {
  LockstepError,
  optimizerSpecSchema,
  settingsOf,
  type OptimizerSpec,
  type Setting,
  type SettingsOf,
} from '@lockstep/core';
import { optimizers, type OptimizerSchemas } from './optimizers/registry.js';
import { boundedWarmup, schedules, type ScheduleSchemas } from './schedules/registry.js';

/** The settings of all optimizers and schedules by name, each optional. */
export type OptimizerSettings = SettingsOf<OptimizerSchemas> & SettingsOf<ScheduleSchemas>;

/** What `OptimizerSettings` is the type of. */
export const optimizerSettings: readonly Setting[] = [
  ...optimizers.settings,
  ...schedules.settings,
];

/** The optimizer and the schedule that a user asks for; what is undefined is as usual. */
export interface OptimizerChoice {
  readonly optimizer?: string | undefined;
  readonly schedule?: string | undefined;
  /** Settings of both, by key. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Of the run. */
  readonly steps: number;
}

/**
 * An optimizer's part of a RunSpec, its schedule included.
 *
 * @param usual values for what is not given, where it names the same optimizer or schedule; else the
 *   defaults of the schema. Its warm-up holds for every schedule.
 * @throws LockstepError `bad-option` with a line for each setting that the optimizer or the schedule
 *   does not have, or that is out of bounds
 */
export function optimizerSpec(choice: OptimizerChoice, usual: OptimizerSpec): OptimizerSpec {
  const { optimizer: kind = usual.kind, schedule: rateKind = usual.schedule.kind, steps } = choice;
  const own = optimizers.parse(kind, {
    ...(kind === usual.kind ? settingsOf(usual) : {}),
    ...pick(choice.given, (key) => !isOfSchedule(key)),
  });
  const { warmupSteps: usualWarmup = 0 } = usual.schedule;
  const given = pick(choice.given, isOfSchedule);
  const rate = schedules.parse(rateKind, {
    ...(rateKind === usual.schedule.kind ? settingsOf(usual.schedule) : {}),
    ...{ warmupSteps: boundedWarmup(usualWarmup, steps), ...given },
  });
  const { warmupSteps, ...settings } = rate.settings;
  const mistakes = [...own.mistakes, ...rate.mistakes, ...longWarmup(given['warmupSteps'], steps)];
  if (mistakes.length > 0) {
    throw new LockstepError('bad-option', mistakes.join('\n'), {
      remedy: [own, rate].map(({ has }) => has).join('; '),
    });
  }
  const schedule = { kind: rateKind, ...(warmupSteps === 0 ? {} : { warmupSteps }), ...settings };
  return optimizerSpecSchema.parse({ kind, ...own.settings, schedule });
}

function pick(
  given: OptimizerChoice['given'],
  isWanted: (key: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(([key, value]) => value !== undefined && isWanted(key)),
  );
}

function isOfSchedule(key: string): boolean {
  return schedules.settings.some((setting) => setting.key === key);
}

/** A schedule that begins after the last step would have no effect. */
function longWarmup(given: unknown, steps: number): string[] {
  if (typeof given !== 'number' || given < steps) return [];
  return [`--warmup-steps must be below the ${steps} steps of the run, not ${given}`];
}
