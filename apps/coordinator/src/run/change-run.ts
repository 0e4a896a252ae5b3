import { canonicalJson, extendSpec, localPath } from '@lockstep/core';
import { dataPlace } from '@lockstep/data';
import type { RunChanges } from '../coordinator-options.js';
import { readLedger, readRunRecord, replaceRunRecord, type LedFolder } from '@lockstep/store';

/** A run to resume, with its changes, of which nothing is written yet. */
export interface ChangedRun {
  readonly folder: LedFolder;
  /**
   * Writes the changes; call it when everything else in the request has been checked.
   *
   * @throws LockstepError `disk-full`, or `run-locked` if a later term has taken over
   */
  readonly commit: () => Promise<void>;
}

/**
 * Changes the record of a run that is resumed: the paths of its model and data, and its number of
 * steps. The record is read again under the lock, because another coordinator may have changed it.
 *
 * @throws LockstepError `bad-option` if the run has already made that many steps
 */
export async function changeRun(
  { path, disk, record: found }: LedFolder,
  { steps, model, data }: RunChanges,
): Promise<ChangedRun> {
  const record = (await readRunRecord(disk, path)) ?? found;
  const { runId, spec } = record;
  const committed = async (): Promise<number> => (await readLedger(disk, runId)).entries.length;
  const changed = {
    ...record,
    spec: steps === undefined ? spec : extendSpec(spec, await committed(), steps),
    // Absolute, because later commands may run in another working folder.
    model: model === undefined ? record.model : localPath(model),
    data: data === undefined ? record.data : dataPlace(data),
  };
  const commit = async (): Promise<void> => {
    if (canonicalJson(changed) === canonicalJson(record)) return;
    await replaceRunRecord(disk, changed);
  };
  return { folder: { path, disk, record: changed }, commit };
}
