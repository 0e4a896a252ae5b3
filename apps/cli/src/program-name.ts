import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { z } from 'zod';

/**
 * How a user starts this program in a shell: `lockstep` where the shell finds it, else
 * `npx lockstep`, which also works in a clone. Folders that npm adds to PATH for its own scripts do not
 * count, since the user's shell does not have them.
 */
export function programName(path: string = process.env['PATH'] ?? ''): string {
  const isInstalled = path
    .split(delimiter)
    .filter((folder) => folder !== '' && !isOfNpm(folder))
    .some((folder) => isExecutable(join(folder, 'lockstep')));
  return isInstalled ? 'lockstep' : 'npx lockstep';
}

/** Commands in backticks, as the user can type them here. */
export function asTypedHere(text: string, program: string = programName()): string {
  return text.replaceAll(/`lockstep(?=[ `])/g, `\`${program}`);
}

/** The version of this package, from its manifest one folder above the source and the bundle. */
export function versionText(): string {
  const manifest: unknown = createRequire(import.meta.url)('../package.json');
  return z.object({ version: z.string() }).parse(manifest).version;
}

function isOfNpm(folder: string): boolean {
  return basename(folder) === '.bin' && basename(dirname(folder)) === 'node_modules';
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
