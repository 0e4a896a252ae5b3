import { bySetting, type Setting } from '@lockstep/core';
import { z } from 'zod';
import { innermost, option, type OptionHelp } from './option.js';

/** The options for the settings of a registry, each optional. */
export type SettingOptions<Settings> = {
  readonly [Name in keyof Settings]-?: z.ZodType<Settings[Name] | undefined>;
};

const numbers = z.array(z.number());

/** Numbers, as a list or as a text in which commas separate them. */
const numberList = z.union(
  [
    numbers,
    z
      .string()
      .regex(/^[^,]+(,[^,]+)*$/)
      .transform((text) => text.split(',').map(Number))
      .pipe(numbers),
  ],
  'must be numbers, separated by commas',
);

/**
 * Each setting of a registry as an option, with the entries that have it.
 *
 * @param settings those of the registry whose `SettingsOf` is `Settings`
 * @param absent what `--help` says of the default of a setting without one; undefined: nothing
 */
export function optionsOfSettings<Settings>(
  settings: readonly Setting[],
  absent?: string,
): SettingOptions<Settings> {
  return bySetting<Settings, SettingOptions<Settings>>(settings, (setting) =>
    option(withoutDefault(setting).optional(), {
      ...(setting.type === 'array' ? { value: 'X,X,…' } : {}),
      describe: `${setting.description} (${setting.entries.join(', ')})`,
      ...defaultOf(setting, absent),
    }),
  );
}

function defaultOf({ default: usual }: Setting, absent?: string): Pick<OptionHelp, 'defaultText'> {
  const defaultText = usual === undefined ? absent : String(usual);
  return defaultText === undefined ? {} : { defaultText };
}

/** What is not given is left to the registry's entry. */
function withoutDefault({ schema, type }: Setting): z.ZodType<never> {
  const own = type === 'array' ? numberList : innermost(schema);
  return own as z.ZodType<never>; // each setting's type is that of its registry entry
}
