import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, parseRunAddress, RUN_ADDRESS_FILE, type RunAddress } from '@lockstep/core';
import { errorCodeOf, replaceFile, type Disk } from './disk.js';
import type { FencedDisk } from './fenced-disk.js';
import { nodeDisk } from './node-disk.js';
import { saveInitialWeights } from './initial-weights.js';
import { LEDGER_FILE } from './ledger.js';
import { encodeRunRecord, parseRunRecord, type RunRecord } from './run-record.js';

export type { RunRecord } from './run-record.js';

const SPEC = 'spec.json';

/** A run's folder, `<out>/<runId>/`. */
export interface RunFolder {
  readonly path: string;
  readonly disk: Disk;
  readonly record: RunRecord;
}

/** The folder of a run that is being led: its disk writes only for the current term. */
export interface LedFolder extends RunFolder {
  readonly disk: FencedDisk;
}

/**
 * Creates the folder of a new run.
 *
 * @param initialWeights the given weights that it begins with, if any
 * @throws LockstepError `run-exists` when there is one of this name, `disk-full`
 */
export async function createRunFolder(
  out: string,
  record: RunRecord,
  initialWeights?: Uint8Array,
): Promise<RunFolder> {
  const path = join(out, record.runId);
  const disk = nodeDisk(path);
  if (await disk.read(SPEC)) {
    throw new LockstepError('run-exists', `${path} holds a run already`, {
      remedy: `continue it with --resume ${record.runId}, or choose another --out`,
    });
  }
  await disk.makeFolder('.');
  if (initialWeights) await saveInitialWeights(disk, initialWeights);
  await replaceRunRecord(disk, record);
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
    const record = await readRunRecord(disk, path);
    if (record) return { path, disk, record };
  }
  const headless = candidates.find((path) => nodeDisk(path).has(LEDGER_FILE));
  if (headless !== undefined) {
    throw new LockstepError('run-damaged', `${join(headless, SPEC)} is missing`, {
      remedy: 'restore it from a backup',
    });
  }
  throw new LockstepError('run-not-found', `there is no run ${run} in ${out}`, {
    remedy: `look into the folder ${out} for the runs that there are`,
  });
}

/**
 * A run's record as it is on the disk now; undefined where the folder holds no run.
 *
 * @param path of the folder, for the error
 * @throws LockstepError `run-damaged`, or `path-unusable` when this user may not read it
 */
export async function readRunRecord(disk: Disk, path: string): Promise<RunRecord | undefined> {
  const bytes = await disk.read(SPEC).catch(unlessForbidden(join(path, SPEC)));
  return bytes && parseRunRecord(bytes, join(path, SPEC));
}

/**
 * Replaces a run's record as a whole: a crash leaves the old one or the new one. For the run's
 * writer alone.
 *
 * @throws LockstepError `disk-full`
 */
export function replaceRunRecord(disk: Disk, record: RunRecord): Promise<void> {
  return replaceFile(disk, '.', SPEC, [encodeRunRecord(record)]);
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

/** A run that is there but closed to this user is not one that is missing. */
function unlessForbidden(path: string): (cause: unknown) => undefined {
  return (cause) => {
    if (errorCodeOf(cause) !== 'EACCES') return undefined;
    throw LockstepError.fromSystem(cause, {
      what: `${path} cannot be read`,
      remedy: 'give this user the right to read the run',
    });
  };
}

/** Writes where this coordinator can be reached into the run's folder. */
export function writeAddress(disk: FencedDisk, address: RunAddress): Promise<void> {
  return replaceFile(disk, '.', RUN_ADDRESS_FILE, [Buffer.from(`${JSON.stringify(address)}\n`)]);
}

/** Removes the address, unless another term has written it. */
export async function removeAddress(disk: FencedDisk): Promise<void> {
  const content = Buffer.from((await disk.read(RUN_ADDRESS_FILE)) ?? []).toString();
  if (parseRunAddress(content)?.term === disk.term) await disk.remove(RUN_ADDRESS_FILE);
}
