import type { Setting } from '@lockstep/core';
import { bySetting, losses, type LossSettings } from '@lockstep/model/objective';
import { z } from 'zod';
import { innermost, option } from './option.js';
import { oneOf } from './schemas.js';

type SettingOptions = {
  readonly [Name in keyof LossSettings]-?: z.ZodType<LossSettings[Name] | undefined>;
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

/** The choice of the loss, and the settings that the registered ones declare. */
export const lossOptions = {
  loss: option(oneOf(...losses.entries.map(({ name }) => name)).optional(), {
    value: 'NAME',
    describe: `the loss: ${losses.entries.map(({ name }) => name).join(', ')}`,
    defaultText: 'that of the model file, else by the kind of target',
  }),
  ...bySetting<SettingOptions>((setting) =>
    option(settingSchema(setting).optional(), {
      ...(setting.type === 'array' ? { value: 'X,X,…' } : {}),
      describe: `${setting.description} (${setting.entries.join(', ')})`,
      defaultText: setting.default === undefined ? 'none' : String(setting.default),
    }),
  ),
};

function settingSchema({ schema, type }: Setting): z.ZodType<never> {
  const own = type === 'array' ? numberList : innermost(schema);
  return own as z.ZodType<never>; // each setting's type is that of its registry entry
}
