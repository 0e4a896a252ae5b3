import { setUpRuntime } from '@lockstep/runtime/set-up';
import { defineCommand } from '../command.js';

export const setup = defineCommand({
  name: 'setup',
  describe: 'install native TensorFlow and Redis for this user, where they are missing',
  options: {},
  run: async () => {
    await setUpRuntime((line) => process.stdout.write(`${line}\n`));
    return 0;
  },
});
