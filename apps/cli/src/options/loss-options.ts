import { losses, type LossSettings } from '@lockstep/model/objective';
import { option } from './option.js';
import { oneOf } from './schemas.js';
import { optionsOfSettings } from './setting-options.js';

/** The choice of the loss, and the settings that the registered ones declare. */
export const lossOptions = {
  loss: option(oneOf(...losses.entries.map(({ name }) => name)).optional(), {
    value: 'NAME',
    describe: `the loss: ${losses.entries.map(({ name }) => name).join(', ')}`,
    defaultText: 'that of the model file, else by the kind of target',
  }),
  ...optionsOfSettings<LossSettings>(losses.settings, 'none'),
};
