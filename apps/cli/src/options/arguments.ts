import type { OptionEntry } from './option-entry.js';
import { keyOf } from './option-names.js';
import type { OptionValues } from './resolve-options.js';

type ArgumentValue = string | number | boolean | undefined;

/** Options that were resolved, again as arguments for a process of our own. */
export function argumentsFor(entries: readonly OptionEntry[], options: OptionValues): string[] {
  const values = entries.map(({ flag }) => [flag, options[keyOf(flag)] as ArgumentValue] as const);
  return argumentsOf(Object.fromEntries(values));
}

/** `{ 'shard-size': 4, json: true }` → `--shard-size 4 --json`; without those undefined or false. */
export function argumentsOf(values: Readonly<Record<string, ArgumentValue>>): string[] {
  return Object.entries(values).flatMap(([flag, value]) =>
    value === undefined || value === false
      ? []
      : [`--${flag}`, ...(value === true ? [] : [String(value)])],
  );
}
