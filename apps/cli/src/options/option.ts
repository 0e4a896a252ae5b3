import { flagOf, wordsOf } from '@lockstep/core';
import { z } from 'zod';

/** What `--help` and messages need to know of an option beside its schema. */
export interface OptionHelp {
  /** Placeholder of the value in `--help`; by default from the schema's type, none for a switch. */
  readonly value?: string;
  /** By default the schema's own description. */
  readonly describe?: string;
  /** What `--help` says of the default where the value itself does not say it. */
  readonly defaultText?: string;
  /** Why a value must not be typed, where all users of the machine can read it; undefined if it may. */
  readonly notTyped?: (value: string) => string | undefined;
  /** False where a message must not quote the value, since it may contain a password. */
  readonly quotes?: false;
  /** Read from the command line only: elsewhere its name means something else. */
  readonly typedOnly?: true;
}

/**
 * The options of a command by name. A name such as `learningRate` is the key in the config file, and
 * gives the flag `--learning-rate` and the variable `LOCKSTEP_LEARNING_RATE`. Everything else about an
 * option follows from its schema: the type of its value, its default, and what is refused.
 */
export type OptionTable = Readonly<Record<string, z.ZodType>>;

/** The values of a table's options, typed by their schemas. */
export type Values<Table extends OptionTable> = Readonly<
  z.output<z.ZodObject<z.core.util.Writeable<Table>, z.core.$strip>>
>;

const helps = z.registry<OptionHelp>();

/** Declares an option. An option without a default is declared as optional. */
export function option<Schema extends z.ZodType>(schema: Schema, help: OptionHelp): Schema {
  // A copy: `help` belongs to this option, and a schema may serve several.
  const own = schema.clone();
  addHelp(own, help);
  return own;
}

/** An option of another table, with another description or default. */
export function redeclared<Schema extends z.ZodType>(
  original: z.ZodType,
  schema: Schema,
  changes: OptionHelp = {},
): Schema {
  const { defaultText: _, ...help } = helps.get(original) ?? {};
  return option(schema, { ...help, ...changes });
}

/**
 * The fields of a zod object as options: names, types, defaults and descriptions are those of the
 * fields. So what a registry's entry can be set to becomes flags, variables and config keys.
 *
 * @param changes what the fields do not say of themselves, by name
 */
export function optionsOf<Shape extends OptionTable>(
  object: z.ZodObject<Shape>,
  changes: { readonly [Name in keyof Shape]?: OptionHelp } = {},
): Shape {
  const help: Readonly<Partial<Record<string, OptionHelp>>> = changes;
  for (const [name, schema] of Object.entries(object.shape)) {
    if (help[name]) addHelp(schema, help[name]);
  }
  return object.shape;
}

function addHelp(schema: z.ZodType, help: OptionHelp): void {
  helps.add(schema, help);
}

/** Everything that is known of an option beside its schema. */
export interface OptionDescription extends OptionHelp {
  readonly describe: string;
  /** As `--help` shows it; undefined where there is none to show. */
  readonly shownDefault: string | undefined;
}

export function describeOption(schema: z.ZodType): OptionDescription {
  const help = helps.get(schema) ?? {};
  const inner = innermost(schema);
  const { value = placeholderOf(inner), describe = schema.description ?? inner.description ?? '' } =
    help;
  const own = schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : undefined;
  const shown = help.defaultText ?? own;
  return {
    ...help,
    ...(value === undefined ? {} : { value }),
    describe,
    shownDefault: shown === 'false' ? undefined : shown,
  };
}

/** A schema without what makes it optional or gives it a default. */
export function innermost(schema: z.ZodType): z.ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  const inner = isWrapper ? schema.unwrap() : undefined;
  return inner instanceof z.ZodType ? innermost(inner) : schema;
}

function placeholderOf(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodBoolean) return undefined;
  if (schema instanceof z.ZodNumber) return schema.format === 'safeint' ? 'N' : 'X';
  return schema instanceof z.ZodEnum ? 'NAME' : 'TEXT';
}

/** `learningRate` → `LOCKSTEP_LEARNING_RATE`. */
export function variableOf(name: string): string {
  return `LOCKSTEP_${wordsOf(name, '_').toUpperCase()}`;
}

type ArgumentValue = string | number | boolean | readonly number[] | undefined;

/** Resolved options of a table, as arguments for another Lockstep process. */
export function argumentsFor<Table extends OptionTable>(
  table: Table,
  values: { readonly [Name in keyof Table]?: ArgumentValue },
): string[] {
  const given: Readonly<Record<string, ArgumentValue>> = values;
  return argumentsOf(Object.fromEntries(Object.keys(table).map((name) => [name, given[name]])));
}

/** `{ shardSize: 4, json: true }` → `--shard-size 4 --json`; without those undefined or false. A list is
 * joined by commas. */
export function argumentsOf(values: Readonly<Record<string, ArgumentValue>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === false
      ? []
      : [`--${flagOf(name)}`, ...(value === true ? [] : [String(value)])],
  );
}
