import { flagOf, LockstepError } from '@lockstep/core';
import { z } from 'zod';
import { readConfigFile } from './config-file.js';
import { didYouMean } from './did-you-mean.js';
import { describeOption, innermost, variableOf, type OptionTable, type Values } from './option.js';
import { unknownNames } from './unknown-names.js';

/** What was typed: values by name, and the words that are no known option. */
export interface TypedOptions {
  readonly values: Readonly<Record<string, unknown>>;
  readonly unknown: readonly string[];
}

/** Where an option's value was given. */
export interface OptionOrigin {
  readonly from: 'typed' | 'environment' | 'file';
  /** As messages name it: `--batch`, `LOCKSTEP_BATCH`, `batch in lockstep.config.json`. */
  readonly where: string;
}

/** By name; none for a value that is a default. */
export type Origins = Readonly<Partial<Record<string, OptionOrigin>>>;

export interface ResolvedOptions<Table extends OptionTable> {
  readonly values: Values<Table>;
  readonly origins: Origins;
}

interface Sources {
  readonly typed: Readonly<Record<string, unknown>>;
  readonly environment: NodeJS.ProcessEnv;
  readonly file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> };
}

/** A value as it was given, before its schema has parsed it. */
interface Given extends OptionOrigin {
  readonly value: unknown;
  /** Why it must not be typed. */
  readonly refused?: string | undefined;
}

/**
 * One value per option: what was typed beats `LOCKSTEP_…`, which beats the config file, which beats
 * the default. The values are frozen.
 *
 * @throws LockstepError `bad-option` naming every mistake at once, or `config-unreadable`
 */
export async function resolveOptions<Table extends OptionTable>(
  table: Table,
  typed: TypedOptions,
  environment: NodeJS.ProcessEnv = process.env,
  folder: string = process.cwd(),
): Promise<ResolvedOptions<Table>> {
  const file = await readConfigFile(folder);
  const sources = { typed: typed.values, environment, file };
  const given = new Map<string, Given>();
  for (const [name, schema] of Object.entries(table)) {
    const found = lookUp(name, schema, sources);
    if (found !== undefined) given.set(name, found);
  }
  const raw = [...given].map(([name, { value }]) => [name, fromText(table[name], value)] as const);
  const parsed = z.object(table).safeParse(Object.fromEntries(raw), { error: inWords });
  const mistakes = [
    ...unknownNames(table, typed.unknown, file, environment),
    ...[...given.values()].flatMap(({ where, refused }) =>
      refused === undefined ? [] : [`${where} ${refused}`],
    ),
    ...(parsed.success ? [] : mistakesIn(parsed.error, table, given)),
  ];
  if (mistakes.length > 0 || !parsed.success) {
    throw new LockstepError('bad-option', mistakes.join('\n'), {
      remedy: 'see --help for the values of each option',
    });
  }
  const origins = [...given].map(([name, { from, where }]) => [name, { from, where }] as const);
  return { values: Object.freeze(parsed.data), origins: Object.fromEntries(origins) };
}

function lookUp(
  name: string,
  schema: z.ZodType,
  { typed, environment, file }: Sources,
): Given | undefined {
  const { typedOnly, notTyped } = describeOption(schema);
  const variable = variableOf(name);
  const value = typed[name];
  if (value !== undefined) {
    const refused = typeof value === 'string' ? notTyped?.(value) : undefined;
    return { value, from: 'typed', where: `--${flagOf(name)}`, refused };
  }
  if (typedOnly === true) return undefined;
  if (environment[variable]) {
    return { value: environment[variable], from: 'environment', where: variable };
  }
  if (Object.hasOwn(file.values, name) && file.values[name] !== undefined) {
    return { value: file.values[name], from: 'file', where: `${name} in ${file.path}` };
  }
  return undefined;
}

/** Flags and variables are texts, and a config file may quote a number: as the schema's own type. */
function fromText(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== 'string') return value;
  const inner = innermost(schema);
  if (inner instanceof z.ZodNumber && value.trim() !== '') return Number(value);
  if (!(inner instanceof z.ZodBoolean)) return value;
  return value === 'true' ? true : value === 'false' ? false : value;
}

/** A line for each option whose value its schema refuses. */
function mistakesIn(
  { issues }: z.ZodError,
  table: OptionTable,
  given: ReadonlyMap<string, Given>,
): readonly string[] {
  return Object.entries(table).flatMap(([name, schema]) => {
    const own = issues.filter(({ path }) => path[0] === name);
    if (own.length === 0) return [];
    const found = given.get(name);
    if (found === undefined) return [`--${flagOf(name)} is missing`];
    const { where, value } = found;
    const what = own.map(({ message }) => message).join(' and ');
    if (describeOption(schema).quotes === false) return [`${where} ${what}`];
    const words = own.flatMap((issue) =>
      issue.code === 'invalid_value' ? issue.values.map(String) : [],
    );
    const guess = typeof value === 'string' ? didYouMean(value, words) : '';
    return [`${where} ${what}, not ${JSON.stringify(value)}${guess}`];
  });
}

/** Messages for schemas that have none of their own, such as those of registries. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be a ${issue.expected === 'int' ? 'whole number' : issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`;
    default:
      return undefined;
  }
};
