import { optimizers } from '@lockstep/optim';
import { z } from 'zod';
import { describeOption, type OptionTable } from './option.js';

/** Options of `lockstep train` that `train()` takes in a form of its own, or not at all. */
const OWN = ['model', 'data', 'optimizer', 'json'];

const HEAD = `// Generated from the option table of \`lockstep train\` and the registries by \`npm run reference\`.
import { chosen, type Chosen } from '../chosen.js';`;

/** The source of the library's types of options and optimizers. */
export function libraryTypes(table: OptionTable): string {
  const options = Object.entries(table).filter(([name]) => !OWN.includes(name));
  const { entries } = optimizers;
  return [
    HEAD,
    interfaceOf(
      'FlagOptions',
      'Options of `lockstep train`, named as its flags in camel case.',
      options,
    ),
    ...entries.map(({ name, schema }) =>
      interfaceOf(settingsName(name), `Settings of ${name}.`, Object.entries(schema.shape)),
    ),
    '/** The registered optimizers, for `train({ optimizer })`. */',
    `export const optimizers = { ${entries.map(makerOf).join(' ')} };`,
  ].join('\n\n');
}

function makerOf({ name, description }: { name: string; description: string }): string {
  return `
    /** ${sentence(description)} */
    ${camelCase(name)}: (settings: ${settingsName(name)} = {}): Chosen => chosen('${name}', settings),`;
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

/** The TypeScript type of what a schema takes. */
function typeOf(schema: z.ZodType): string {
  const { type, enum: values } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (type === 'number' || type === 'integer') return 'number';
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
