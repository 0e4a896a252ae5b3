import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fillCacheFolder, userCacheFolder } from '@lockstep/runtime';

/** Every major release that Lockstep supports, at one exact version so that a test can be repeated. */
export const NODE_RELEASES = {
  20: '20.20.2',
  22: '22.23.3',
  24: '24.21.0',
  26: '26.6.0',
} as const;

export type NodeMajor = keyof typeof NODE_RELEASES;

/**
 * The path of a Node binary of this major version. It comes from the npm packages that carry Node's
 * own builds, and is kept in the user's cache. The Node that runs now is taken where it fits.
 */
export async function nodeRelease(major: NodeMajor): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(userCacheFolder(), `${name}-${NODE_RELEASES[major]}`);
  if (!existsSync(folder)) await install(`${name}@${NODE_RELEASES[major]}`, folder);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

async function install(packageVersion: string, folder: string): Promise<void> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--no-package-lock'];
  await fillCacheFolder(folder, async (temporary) => {
    const args = ['install', ...options, '--prefix', temporary, packageVersion];
    await promisify(execFile)('npm', args, { cwd: temporary, timeout: 300_000 }).catch(
      (cause: unknown) => {
        throw new Error(`npm cannot fetch ${packageVersion}, to test under that Node`, { cause });
      },
    );
  });
}
