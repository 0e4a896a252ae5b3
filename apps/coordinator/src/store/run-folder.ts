import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { replaceFile, type Disk } from './disk.js';
import { nodeDisk } from './node-disk.js';
import { encodeRunRecord, parseRunRecord, type RunRecord } from './run-record.js';

export type { RunRecord } from './run-record.js';

const SPEC = 'spec.json';

/** A run's folder, `<out>/<runId>/`. */
export interface RunFolder {
  readonly path: string;
  readonly disk: Disk;
  readonly record: RunRecord;
}

/**
 * Creates the folder of a new run.
 *
 * @throws LockstepError `run-exists` when there is one of this name, `disk-full`
 */
export async function createRunFolder(out: string, record: RunRecord): Promise<RunFolder> {
  const path = join(out, record.runId);
  const disk = nodeDisk(path);
  if (await disk.read(SPEC)) {
    throw new LockstepError('run-exists', `${path} holds a run already`, {
      remedy: `continue it with --resume ${record.runId}, or choose another --out`,
    });
  }
  await disk.makeFolder('.');
  await replaceFile(disk, '.', SPEC, [encodeRunRecord(record)]);
  return { path, disk, record };
}

/**
 * Opens the folder of a run, given by its id below `out` or by its path.
 *
 * @throws LockstepError `run-not-found`, or `run-damaged` when its spec cannot be read
 */
export async function openRunFolder(out: string, run: string): Promise<RunFolder> {
  const candidates = [join(out, run), run];
  for (const path of candidates) {
    const disk = nodeDisk(path);
    const bytes = await disk.read(SPEC).catch(() => undefined);
    if (!bytes) continue;
    return { path, disk, record: parseRunRecord(bytes, join(path, SPEC)) };
  }
  throw new LockstepError('run-not-found', `there is no run ${run} in ${out}`, {
    remedy: `list ${out} to see what is there`,
  });
}

/** Id of the newest run below `out`: runs are named after the moment they began. */
export async function newestRun(out: string): Promise<string | undefined> {
  const names: string[] = await readdir(out).catch(() => []);
  for (const name of names.sort().reverse()) {
    if (
      await nodeDisk(join(out, name))
        .read(SPEC)
        .catch(() => undefined)
    )
      return name;
  }
  return undefined;
}
