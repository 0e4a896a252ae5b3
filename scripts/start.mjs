// `npm start`: the set-up, then `lockstep train` in this process, so that signals and exit code
// need no forwarding.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asCommand, setUp } from './setup.mjs';
import { root } from './steps.mjs';

// Node resets the ignored SIGHUP of `nohup`: the set-up, too, continues where output is redirected.
if (!process.stdout.isTTY) process.on('SIGHUP', () => {});

await asCommand(async () => {
  await setUp();
  const main = join(root, 'apps', 'cli', 'dist', 'main.js');
  process.argv = [process.execPath, main, 'train', ...process.argv.slice(2)];
  await import(pathToFileURL(main).href);
});
