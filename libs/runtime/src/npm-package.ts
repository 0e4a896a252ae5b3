import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fillCacheFolder, userCacheFolder } from './folders.js';
import { findProgram, runProgram } from './programs.js';

/** An npm package that cannot be fetched; `message` is the one-line reason. */
export class NpmPackageUnavailable extends Error {}

const LIMIT_MS = 600_000;
const OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--no-package-lock'];

/** The folder of a package in the user's cache; undefined until it is fetched. */
export function cachedNpmPackage(name: string, version: string): string | undefined {
  const folder = packageIn(cacheFolder(name, version), name);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Fetches a package with npm into the user's cache, without running scripts, unless it is there.
 *
 * @param version an exact one
 * @returns its folder
 * @throws NpmPackageUnavailable
 */
export async function fetchNpmPackage(name: string, version: string): Promise<string> {
  const folder = cacheFolder(name, version);
  const npm = findProgram('npm');
  if (cachedNpmPackage(name, version) === undefined) {
    if (npm === undefined) throw new NpmPackageUnavailable('no npm on PATH');
    await fillCacheFolder(folder, async (temporary) => {
      const args = ['install', ...OPTIONS, '--prefix', temporary, `${name}@${version}`];
      const result = await runProgram(npm, args, { timeoutMs: LIMIT_MS, cwd: temporary });
      if (!result.ok) throw new NpmPackageUnavailable(`npm: ${result.lastLine}`);
    });
  }
  return packageIn(folder, name);
}

function cacheFolder(name: string, version: string): string {
  return join(userCacheFolder(), `${name.replace('/', '-')}-${version}`);
}

function packageIn(folder: string, name: string): string {
  return join(folder, 'node_modules', name);
}
