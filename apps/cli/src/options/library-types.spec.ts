import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { train } from '../commands/train.js';
import { libraryTypes } from './library-types.js';

const file = fileURLToPath(
  new URL('../../../../libs/lockstep/src/generated/options.ts', import.meta.url),
);

it('the library has the options of train and every optimizer: `npm run reference` writes them', async () => {
  const layout = { ...(await resolveConfig(file)), parser: 'typescript' };
  const source = await format(libraryTypes(train.options), layout);
  await expect(source).toMatchFileSnapshot(file);
});
