import { Registry, type Setting } from '@lockstep/core';
import type { z } from 'zod';
import type { Loss } from './loss.js';
import * as registered from './registered.js';

type WithSettings<Each> = Each extends Record<string, never> ? never : Each;
type EachLoss = WithSettings<z.output<(typeof registered)[keyof typeof registered]['schema']>>;
type Intersected<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** The settings of all losses by name, each optional. */
export type LossSettings = Partial<Intersected<EachLoss>>;

/** Every loss, by name. */
export const losses = new Registry<Loss>('loss', Object.values(registered));

/** One entry for each setting of the registered losses, by its name. */
export function bySetting<Entries extends Record<keyof LossSettings, unknown>>(
  make: (setting: Setting & { readonly key: keyof LossSettings }) => Entries[keyof LossSettings],
): Entries {
  const entries = losses.settings.map((setting) => {
    const key = setting.key as keyof LossSettings; // the type has every registered setting
    return [key, make({ ...setting, key })] as const;
  });
  return Object.fromEntries(entries) as Entries; // it has every key by construction
}
