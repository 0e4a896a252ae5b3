import { usage } from '@lockstep/data/augmentations';
import { dataReaders, type ReaderSettings } from '@lockstep/data/readers';
import { option } from './option.js';
import { text } from './schemas.js';
import { optionsOfSettings } from './setting-options.js';

/** Where the data are, and the settings that the registered readers declare. */
export const dataOptions = {
  data: option(text.default('mnist'), {
    value: 'NAME|PATH',
    describe: `mnist, fashion-mnist, or the path of ${list(dataReaders.entries.map(({ description }) => description))}`,
  }),
  ...optionsOfSettings<ReaderSettings>(dataReaders.settings),
  augment: option(text.optional(), {
    value: 'NAME[:VALUE],…',
    describe: `change training pictures at random: ${usage()}`,
    defaultText: 'none',
  }),
};

function list(items: readonly string[]): string {
  return `${items.slice(0, -1).join('; ')}; or ${items.at(-1)}`;
}
