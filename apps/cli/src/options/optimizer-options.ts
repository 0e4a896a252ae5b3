import { settingsOf } from '@lockstep/core';
import { optimizers, optimizerSettings, type OptimizerSetting } from '@lockstep/optim';
import { z } from 'zod';
import { fixed, type RunOptionEntry } from './on-resume.js';
import { numberFromText, oneOf } from './schemas.js';

const names = optimizers.map(({ name }) => name);

/** The choice of an optimizer, and the settings that the registered optimizers declare. */
export const optimizerOptions = [
  {
    flag: 'optimizer',
    value: 'NAME',
    describe: optimizers.map(({ name, description }) => `${name}: ${description}`).join('; '),
    schema: oneOf(...names),
    defaultText: 'by the recipe',
    onResume: fixed(({ optimizer }) => optimizer.kind),
  },
  ...optimizerSettings.map((setting) => ({
    flag: setting.flag,
    value: 'X',
    describe: `${setting.description}${takers(setting)}`,
    schema:
      setting.type === 'number' ? z.preprocess(numberFromText, setting.schema) : setting.schema,
    defaultText: 'by the recipe, or by the optimizer',
    onResume: fixed(({ optimizer }) => settingsOf(optimizer)[setting.key]),
  })),
] satisfies readonly RunOptionEntry[];

/** Names the optimizers that take a setting, unless all do. */
function takers({ optimizers: those }: OptimizerSetting): string {
  return those.length < names.length ? ` (${those.join(', ')})` : '';
}
