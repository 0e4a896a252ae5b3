import { bySetting, type Setting } from '@lockstep/core';
import { z } from 'zod';
import { innermost, option } from './option.js';

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
 */
export function optionsOfSettings<Settings>(
  settings: readonly Setting[],
): SettingOptions<Settings> {
  return bySetting<Settings, SettingOptions<Settings>>(settings, (setting) =>
    option(withoutDefault(setting).optional(), {
      ...(setting.type === 'array' ? { value: 'X,X,…' } : {}),
      describe: `${setting.description} (${setting.entries.join(', ')})`,
      defaultText: setting.default === undefined ? 'none' : String(setting.default),
    }),
  );
}

/** What is not given is left to the registry's entry. */
function withoutDefault({ schema, type }: Setting): z.ZodType<never> {
  const own = type === 'array' ? numberList : innermost(schema);
  return own as z.ZodType<never>; // each setting's type is that of its registry entry
}
