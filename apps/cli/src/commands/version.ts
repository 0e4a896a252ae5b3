import { defineCommand } from '../command.js';
import { jsonOption } from '../options/run-options.js';
import { versionText } from '../program-name.js';

export const version = defineCommand({
  name: 'version',
  describe: 'print the version',
  options: jsonOption,
  run: ({ options }) => {
    const text = versionText();
    const line = options.json ? JSON.stringify({ version: text }) : text;
    process.stdout.write(`${line}\n`);
    return Promise.resolve(0);
  },
});
