import type { RegistryEntry } from '@lockstep/core';
import { losses } from '@lockstep/model/objective';
import { optimizers } from '@lockstep/optim';
import { z } from 'zod';
import { describeOption, type OptionTable } from './option.js';

/** Options of `lockstep train` that `train()` takes in a form of its own, or not at all. */
const OWN = ['model', 'data', 'optimizer', 'loss', 'json'];

const HEAD = `// Generated from the option table of \`lockstep train\` and the registries by \`npm run reference\`.
import { chosen, type Chosen } from '../chosen.js';`;

/** The source of the library's types of options, optimizers and losses. */
export function libraryTypes(table: OptionTable): string {
  const options = Object.entries(table).filter(([name]) => !OWN.includes(name));
  return [
    HEAD,
    interfaceOf(
      'FlagOptions',
      'Options of `lockstep train`, named as its flags in camel case.',
      options,
    ),
    ...makersOf('optimizers', 'optimizer', optimizers.entries),
    ...makersOf('losses', 'loss', losses.entries),
  ].join('\n\n');
}

/** The settings of each entry of a registry, and an object of functions that choose one. */
function makersOf(all: string, option: string, entries: readonly RegistryEntry[]): string[] {
  return [
    ...entries
      .filter(hasSettings)
      .map(({ name, schema }) =>
        interfaceOf(settingsName(name), `Settings of ${name}.`, Object.entries(schema.shape)),
      ),
    `/** The registered ${all}, for \`train({ ${option} })\`. */\nexport const ${all} = { ${entries.map(makerOf).join(' ')} };`,
  ];
}

function makerOf(entry: RegistryEntry): string {
  const { name, description } = entry;
  const [parameter, settings] = hasSettings(entry)
    ? [`settings: ${settingsName(name)} = {}`, 'settings']
    : ['', '{}'];
  return `
    /** ${sentence(description)} */
    ${camelCase(name)}: (${parameter}): Chosen => chosen('${name}', ${settings}),`;
}

function hasSettings({ schema }: RegistryEntry): boolean {
  return Object.keys(schema.shape).length > 0;
}

function interfaceOf(
  name: string,
  description: string,
  fields: readonly (readonly [string, unknown])[],
): string {
  const lines = fields.map(([key, schema]) => fieldOf(key, schema as z.ZodType));
  return `/** ${description} */\nexport interface ${name} {\n${lines.join('\n')}\n}`;
}

function fieldOf(key: string, schema: z.ZodType): string {
  const { describe, shownDefault } = describeOption(schema);
  const usual = shownDefault === undefined ? '' : ` Default: ${shownDefault}.`;
  return `/** ${sentence(describe)}${usual} */\n  readonly ${key}?: ${typeOf(schema)} | undefined;`;
}

/** The TypeScript type of what a schema takes; every list is one of numbers. */
function typeOf(schema: z.ZodType): string {
  return named(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

function named({ type, enum: values, anyOf }: z.core.JSONSchema.BaseSchema): string {
  if (anyOf) return anyOf.map(named).join(' | ');
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'array') return 'readonly number[]';
  return type === 'boolean' ? 'boolean' : 'string';
}

function settingsName(name: string): string {
  const camel = camelCase(name);
  return `${camel[0]?.toUpperCase()}${camel.slice(1)}Settings`;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
