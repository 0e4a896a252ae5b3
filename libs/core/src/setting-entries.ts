import type { z } from 'zod';
import type { Setting } from './registry.js';

type WithSettings<Each> = Each extends Record<string, never> ? never : Each;
type Intersected<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** The settings of all entries of a registry by name, each optional, from the type of their schemas. */
export type SettingsOf<Schemas extends z.ZodType> = Partial<
  Intersected<WithSettings<z.output<Schemas>>>
>;

/** Settings as they are given, each perhaps undefined. */
export type Given<Settings> = { readonly [Name in keyof Settings]-?: Settings[Name] | undefined };

/**
 * One entry for each setting of a registry, by its name.
 *
 * @param settings those of the registry whose `SettingsOf` is `Settings`
 */
export function bySetting<Settings, Entries extends Record<keyof Settings, unknown>>(
  settings: readonly Setting[],
  make: (setting: Setting & { readonly key: keyof Settings & string }) => Entries[keyof Settings],
): Entries {
  const entries = settings.map((setting) => {
    const key = setting.key as keyof Settings & string; // the type has every registered setting
    return [key, make({ ...setting, key })] as const;
  });
  return Object.fromEntries(entries) as Entries; // it has every key by construction
}
