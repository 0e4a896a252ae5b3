import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, messageOf } from '@lockstep/core';

const STEM = 'lockstep.config.';
const KINDS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'];
/** Kinds that other tools read under such a name: passed over, their options would be lost. */
const OTHER_KINDS = ['cts', 'jsonc', 'json5', 'yaml', 'yml', 'toml'];

/** How long a config file may take to load. */
const PATIENCE_MS = 30_000;

/**
 * The config file's values; none where there is no file.
 *
 * @throws LockstepError `config-unreadable` for a file that cannot be read, ends the process or does not
 *   finish loading in time
 */
export async function readConfigFile(
  folder: string,
  patienceMs = PATIENCE_MS,
): Promise<{ path: string; values: Readonly<Record<string, unknown>> }> {
  const name = await configFileIn(folder);
  if (name === undefined) return { path: '', values: {} };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was, never called
  const { exit } = process;
  let timer: NodeJS.Timeout | undefined;
  try {
    const tooLate = new Promise<never>((_resolve, reject) => {
      const late = (): void => reject(new Error(`it has not loaded in ${patienceMs / 1000} s`));
      timer = setTimeout(late, patienceMs);
    });
    const exited = new Promise<never>((_resolve, reject) => {
      process.exit = () => {
        const error = new Error('it calls process.exit');
        reject(error);
        throw error;
      };
    });
    return { path: name, values: await Promise.race([load(folder, name), tooLate, exited]) };
  } catch (cause) {
    const reason = messageOf(cause);
    throw new LockstepError('config-unreadable', `${join(folder, name)}: ${reason}`, {
      remedy: 'it must be JSON, or a module whose default export is an object of options',
      cause,
    });
  } finally {
    process.exit = exit;
    clearTimeout(timer);
  }
}

async function load(folder: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  // Loaded only where there is a file: it brings a TypeScript loader with it.
  const { loadConfig } = await import('c12');
  // What it imports from Lockstep is there wherever the file lies, as for model files.
  const lockstep = await import('@lockstep/model/user-api');
  const { config } = await loadConfig({
    cwd: folder,
    configFile: name,
    rcFile: false,
    globalRc: false,
    packageJson: false,
    dotenv: false,
    extend: false, // what a file extends could be fetched from anywhere
    envName: false,
    jitiOptions: {
      fsCache: false, // it would stay in the temporary folder
      virtualModules: { lockstep },
    },
  });
  return config;
}

/** @throws LockstepError `config-unreadable` for two files, or one of a kind that is not read */
async function configFileIn(folder: string): Promise<string | undefined> {
  const present = await readdir(folder).catch((): string[] => []);
  const named = (kinds: readonly string[]): string[] =>
    kinds.map((kind) => `${STEM}${kind}`).filter((name) => present.includes(name));
  const names = named(KINDS);
  const [other] = named(OTHER_KINDS);
  if (other !== undefined) {
    throw new LockstepError('config-unreadable', `${join(folder, other)}: this kind is not read`, {
      remedy: `write it as ${KINDS.map((kind) => `${STEM}${kind}`).join(', ')}`,
    });
  }
  if (names.length > 1) {
    const paths = names.map((name) => join(folder, name)).join(' and ');
    throw new LockstepError('config-unreadable', `more than one config file: ${paths}`, {
      remedy: 'keep one of them',
    });
  }
  return names[0];
}
