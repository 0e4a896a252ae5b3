// The set-up of both commands: packages, build, TensorFlow, Redis. Uses only Node's built-ins.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuild } from './build.mjs';
import { repairEnvironment } from './environment.mjs';
import { ensurePackages } from './packages.mjs';
import { root, say, SetUpError } from './steps.mjs';

const OLDEST_NODE = [20, 19];

/** Makes a fresh clone ready to run; fast if it is already set up. */
export async function setUp() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  if (major < oldest || (major === oldest && minor < oldestMinor)) {
    const wanted = OLDEST_NODE.join('.');
    throw new SetUpError(`Node ${wanted} or newer is needed, this is ${process.version}`);
  }
  await repairEnvironment();
  await ensurePackages();
  await ensureBuild();
  const built = join(root, 'apps', 'cli', 'dist', 'set-up.js');
  const { setUpRuntime } = await import(pathToFileURL(built).href);
  await setUpRuntime(say);
}

/** Runs `command`; reports an expected failure without a stack and exits with its code. */
export async function asCommand(command) {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof SetUpError) && error?.name !== 'LockstepError') throw error;
    say(error.message);
    if (error.remedy) say(error.remedy);
    process.exitCode = error.exitCode ?? 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await asCommand(async () => {
    await setUp();
    say('ready');
  });
}
