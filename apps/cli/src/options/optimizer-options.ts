import { bySetting, type Setting } from '@lockstep/core';
import { optimizers, optimizerSettings, schedules, type OptimizerSettings } from '@lockstep/optim';
import type { z } from 'zod';
import { innermost, option } from './option.js';
import { oneOf } from './schemas.js';
import type { SettingOptions } from './setting-options.js';

type Entries = typeof optimizers.entries | typeof schedules.entries;

/** The choice of optimizer and schedule, and the settings that the registered ones declare. */
export const optimizerOptions = {
  optimizer: choiceOf(optimizers.entries),
  schedule: choiceOf(schedules.entries),
  ...bySetting<OptimizerSettings, SettingOptions<OptimizerSettings>>(optimizerSettings, (setting) =>
    option(settingSchema(setting).optional(), {
      describe: `${setting.description}${takers(setting)}`,
      defaultText: `from the recipe, else ${setting.default}`,
    }),
  ),
};

function choiceOf(entries: Entries) {
  return option(oneOf(...entries.map(({ name }) => name)).optional(), {
    value: 'NAME',
    describe: entries.map(({ name, description }) => `${name}: ${description}`).join('; '),
    defaultText: 'from the recipe',
  });
}

/** Without its default: what is not given comes from the recipe, the optimizer or the schedule. */
function settingSchema({ schema }: Setting): z.ZodType<never> {
  return innermost(schema) as z.ZodType<never>; // each setting's type is that of its registry entry
}

/** Names the optimizers or schedules that take a setting, unless all do. */
function takers({ entries, isCommon }: Setting): string {
  return isCommon ? '' : ` (${entries.join(', ')})`;
}
