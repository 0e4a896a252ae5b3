import type { CommandDefinition } from '../command.js';
import { jsonOption } from '../options/option-table.js';
import { versionText } from '../version-text.js';

export const version: CommandDefinition = {
  name: 'version',
  describe: 'print the version',
  options: [jsonOption],
  run: (options) => {
    const text = versionText();
    const line = options['json'] === true ? JSON.stringify({ version: text }) : text;
    process.stdout.write(`${line}\n`);
    return Promise.resolve(0);
  },
};
