import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';

const NAMES = ['lockstep.config.ts', 'lockstep.config.json'];

/** The config file's values; none where there is no file. */
export async function readConfigFile(
  folder: string,
): Promise<{ path: string; values: Readonly<Record<string, unknown>> }> {
  const name = NAMES.find((candidate) => existsSync(join(folder, candidate)));
  if (name === undefined) return { path: '', values: {} };
  try {
    // Loaded only where there is a file: it brings a TypeScript loader with it.
    const { loadConfig } = await import('c12');
    const { config } = await loadConfig({
      cwd: folder,
      configFile: name,
      rcFile: false,
      globalRc: false,
      packageJson: false,
      dotenv: false,
      extend: false, // what a file extends could be fetched from anywhere
      envName: false,
      jitiOptions: { fsCache: false }, // it would stay in the temporary folder
    });
    return { path: name, values: config };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('config-unreadable', `${join(folder, name)}: ${reason}`, {
      remedy: 'it must be JSON, or a module whose default export is an object of options',
      cause,
    });
  }
}
