import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { commands } from '../commands.js';
import { optionReference } from './option-reference.js';

const page = fileURLToPath(new URL('../../../../docs/reference/options.md', import.meta.url));

it('docs/reference/options.md is what the option tables give: `npm run reference` writes it', async () => {
  const tables = await Promise.all(Object.values(commands).map((load) => load()));
  const layout = { ...(await resolveConfig(page)), parser: 'markdown' };
  await expect(await format(optionReference(tables), layout)).toMatchFileSnapshot(page);
});
