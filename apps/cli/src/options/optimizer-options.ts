import {
  bySetting,
  optimizers,
  type OptimizerSetting,
  type OptimizerSettings,
} from '@lockstep/optim';
import type { z } from 'zod';
import { innermost, option } from './option.js';
import { oneOf } from './schemas.js';

type SettingOptions = {
  readonly [Name in keyof OptimizerSettings]-?: z.ZodType<OptimizerSettings[Name] | undefined>;
};

const names = optimizers.map(({ name }) => name);

/** The choice of an optimizer, and the settings that the registered optimizers declare. */
export const optimizerOptions = {
  optimizer: option(oneOf(...names).optional(), {
    value: 'NAME',
    describe: optimizers.map(({ name, description }) => `${name}: ${description}`).join('; '),
    defaultText: 'from the recipe',
  }),
  ...bySetting<SettingOptions>((setting) =>
    option(settingSchema(setting).optional(), {
      describe: `${setting.description}${takers(setting)}`,
      defaultText: 'from the recipe, or of the optimizer',
    }),
  ),
};

/** Without its default: what is not given comes from the recipe or from the optimizer. */
function settingSchema({ schema }: OptimizerSetting): z.ZodType<never> {
  return innermost(schema) as z.ZodType<never>; // each setting's type is that of its registry entry
}

/** Names the optimizers that take a setting, unless all do. */
function takers({ optimizers: those }: OptimizerSetting): string {
  return those.length < names.length ? ` (${those.join(', ')})` : '';
}
