import { fileURLToPath } from 'node:url';
import { settingValueSchema } from '@lockstep/core';
import { augmentations } from '@lockstep/data/augmentations';
import { dataReaders } from '@lockstep/data/readers';
import { layerKinds } from '@lockstep/model';
import { losses, metrics } from '@lockstep/model/objective';
import { optimizers, schedules } from '@lockstep/optim';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { z } from 'zod';

const page = fileURLToPath(new URL('../../../docs/reference/registries.md', import.meta.url));

const INTRODUCTION = `# Optimizers, schedules, layers, losses, metrics and data readers

Generated from the registries by \`npm run reference\`. The settings of optimizers, schedules and losses are
[options](options.md) of the command line; those of layers are fields in a model file. How to add one:
[optimizer](../how-to/optimizer.md), [layer](../how-to/layer.md), [loss](../how-to/loss.md),
[data reader](../how-to/data-reader.md).`;

interface Entry {
  readonly name: string;
  readonly description?: string;
  readonly schema?: z.ZodObject;
}

/** What a field's JSON schema says of its values. */
const values = z.object({
  type: z.string().optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
});
const field = values.extend({
  anyOf: z.array(values).optional(),
  default: settingValueSchema.optional(),
  description: z.string(),
});

function sectionOf(title: string, entries: readonly Entry[]): string {
  return [`## ${title}`, ...entries.map(entryOf)].join('\n\n');
}

function entryOf({ name, description, schema = z.object({}) }: Entry): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const rows = Object.entries(properties).flatMap(([key, property]) => {
    if (key === 'kind') return [];
    const found = field.parse(property);
    const usual = required.includes(key) ? 'required' : (found.default ?? '');
    return `| \`${key}\` | ${(found.anyOf ?? [found]).map(valuesOf).join(' or ')} | ${String(usual)} | ${found.description} |`;
  });
  const table = ['| setting | values | default | meaning |', '|---|---|---|---|', ...rows];
  const parts = [`### \`${name}\``, description ?? [], rows.length > 0 ? table.join('\n') : []];
  return parts.flat().join('\n\n');
}

function valuesOf(found: z.infer<typeof values>): string {
  const { type = '', maximum, exclusiveMaximum, minimum, exclusiveMinimum } = found;
  if (found.enum) return found.enum.join(', ');
  if (found.const !== undefined) return `\`${found.const}\``;
  const bounds = [
    ...(minimum === undefined || minimum < -INT32 ? [] : [`≥ ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`> ${exclusiveMinimum}`]),
    ...(maximum === undefined || maximum >= INT32 ? [] : [`≤ ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`< ${exclusiveMaximum}`]),
  ];
  return [type, ...bounds].join(', ');
}

/** A bound that only says that the value fits in 32 bits is not shown. */
const INT32 = 0x7fffffff;

it('docs/reference/registries.md lists what is registered: `npm run reference` writes it', async () => {
  const text = [
    INTRODUCTION,
    sectionOf('Optimizers', optimizers.entries),
    sectionOf('Learning rate schedules', schedules.entries),
    sectionOf('Layers', layerKinds),
    sectionOf('Losses', losses.entries),
    sectionOf('Metrics', metrics),
    sectionOf('Augmentations', augmentations.entries),
    sectionOf('Data readers', dataReaders.entries),
  ].join('\n\n');
  const layout = { ...(await resolveConfig(page)), parser: 'markdown' };
  await expect(await format(text, layout)).toMatchFileSnapshot(page);
});
