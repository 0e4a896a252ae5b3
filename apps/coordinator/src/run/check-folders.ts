import { LockstepError, probeFolder } from '@lockstep/core';
import type { CoordinatorOptions } from '../coordinator-options.js';
import { openRunFolder } from '@lockstep/store';

/**
 * Checks, before any work, that the folders to write to are writable: the folder of the runs, or of the
 * run to resume, and TensorBoard's.
 *
 * @throws LockstepError `path-unusable` naming every option whose folder cannot be written, `disk-full`
 */
export async function checkFolders({
  run,
  out,
  tracking,
}: Pick<CoordinatorOptions, 'run' | 'out' | 'tracking'>): Promise<void> {
  const runs = 'resume' in run ? (await openRunFolder(out, run.resume)).path : out;
  const folders: [option: string, path: string | undefined][] = [
    ['--out', runs],
    ['--tensorboard', tracking?.tensorboard],
  ];
  const errors = (
    await Promise.all(
      folders.map(async ([option, path]) => path && (await whyUnusable(option, path))),
    )
  ).filter((error) => error instanceof LockstepError);
  const [first] = errors;
  if (first === undefined) return;
  const messages = errors.map(({ message }) => message).join('\n');
  const { code, remedy, cause } = first;
  throw new LockstepError(code, messages, {
    ...(remedy === undefined ? {} : { remedy }),
    cause,
  });
}

async function whyUnusable(option: string, path: string): Promise<LockstepError | undefined> {
  try {
    await probeFolder(path);
    return undefined;
  } catch (cause) {
    const error = LockstepError.fromSystem(cause, {
      what: `${option} ${path} cannot be written`,
      remedy: `give ${option} DIR, a folder on a disk where this user may write`,
    });
    return LockstepError.from(error);
  }
}
