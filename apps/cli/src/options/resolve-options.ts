import { LockstepError } from '@lockstep/core';
import type { z } from 'zod';
import { readConfigFile } from './config-file.js';
import { didYouMean } from './did-you-mean.js';
import { keyOf, variableOf } from './option-names.js';
import { everyOption, type OptionEntry } from './option-table.js';
import { unknownNames } from './unknown-names.js';

/** What was typed: values by flag, and what could not be made sense of. */
export interface TypedOptions {
  readonly values: Readonly<Record<string, unknown>>;
  readonly unknown: readonly string[];
}

export type OptionValues = Readonly<Record<string, unknown>>;

/** Where an option's value was given. */
export interface OptionOrigin {
  readonly from: 'typed' | 'environment' | 'file';
  /** As messages name it: `--batch`, `LOCKSTEP_BATCH`, `batch in lockstep.config.json`. */
  readonly where: string;
}

export interface ResolvedOptions {
  readonly values: OptionValues;
  /** By key; none for a value that is a default. */
  readonly origins: Readonly<Partial<Record<string, OptionOrigin>>>;
}

/**
 * One value per option: what was typed beats `LOCKSTEP_…`, which beats the config file, which beats
 * the default. The values are frozen.
 *
 * @throws LockstepError `bad-option` naming every mistake at once, or `config-unreadable`
 */
export async function resolveOptions(
  entries: readonly OptionEntry[],
  typed: TypedOptions,
  environment: NodeJS.ProcessEnv = process.env,
  folder: string = process.cwd(),
): Promise<ResolvedOptions> {
  const file = await readConfigFile(folder);
  const mistakes = [...unknownNames(entries, everyOption, typed.unknown, file, environment)];
  const values: Record<string, unknown> = {};
  const origins: Record<string, OptionOrigin> = {};
  for (const entry of entries) {
    const found = lookUp(entry, typed.values, environment, file);
    if (found === undefined) {
      if (entry.default !== undefined) values[keyOf(entry.flag)] = entry.default;
      continue;
    }
    if (found.secret !== undefined) mistakes.push(`${found.where} ${found.secret}`);
    const parsed = entry.schema.safeParse(found.value);
    origins[keyOf(entry.flag)] = { from: found.from, where: found.where };
    if (parsed.success) values[keyOf(entry.flag)] = parsed.data;
    else mistakes.push(`${found.where} ${describe(parsed.error, found.value, entry)}`);
  }
  if (mistakes.length > 0) {
    throw new LockstepError('bad-option', mistakes.join('\n'), {
      remedy: 'see --help for what each option may be',
    });
  }
  return { values: Object.freeze(values), origins };
}

function lookUp(
  { flag, typedOnly, notTyped }: OptionEntry,
  typed: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  file: { path: string; values: Readonly<Record<string, unknown>> },
): (OptionOrigin & { value: unknown; secret?: string | undefined }) | undefined {
  const key = keyOf(flag);
  const variable = variableOf(flag);
  const value = typed[key];
  if (value !== undefined) {
    return {
      value,
      from: 'typed',
      where: `--${flag}`,
      secret: typeof value === 'string' ? notTyped?.(value) : undefined,
    };
  }
  if (typedOnly === true) return undefined;
  if (environment[variable]) {
    return { value: environment[variable], from: 'environment', where: variable };
  }
  if (file.values[key] !== undefined) {
    return { value: file.values[key], from: 'file', where: `${key} in ${file.path}` };
  }
  return undefined;
}

function describe(error: z.ZodError, value: unknown, { quotes }: OptionEntry): string {
  const what = error.issues.map(({ message }) => message).join(' and ');
  if (quotes === false) return what;
  const words = error.issues.flatMap((issue) =>
    issue.code === 'invalid_value' ? issue.values.map(String) : [],
  );
  const guess = typeof value === 'string' ? didYouMean(value, words) : '';
  return `${what}, not ${JSON.stringify(value)}${guess}`;
}
