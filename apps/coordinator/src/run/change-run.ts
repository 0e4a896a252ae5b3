import { canonicalJson, extendSpec, localPath } from '@lockstep/core';
import { dataPlace } from '@lockstep/data';
import type { RunChanges } from '../coordinator-options.js';
import { superseded } from './run-end.js';
import {
  readLedger,
  readRunRecord,
  replaceRunRecord,
  type RunFolder,
  type RunLock,
} from '@lockstep/store';

/** A run to resume, as it is to be, with nothing of that written yet. */
export interface ChangedRun {
  readonly folder: RunFolder;
  /**
   * Writes what has changed, once everything else about the request has been found right.
   *
   * @throws LockstepError `disk-full`, or `run-locked` when a later term has taken over
   */
  commit(): Promise<void>;
}

/**
 * Changes the record of a run that is resumed: where its model and data are, and how many steps it
 * has. The record is read again under the lock, because another coordinator may have changed it
 * before.
 *
 * @throws LockstepError `bad-option` when the run has made as many steps as it is to have
 */
export async function changeRun(
  { path, disk, record: found }: RunFolder,
  lock: RunLock,
  { steps, model, data }: RunChanges,
): Promise<ChangedRun> {
  const record = (await readRunRecord(disk, path)) ?? found;
  const { runId, spec } = record;
  const committed = async (): Promise<number> => (await readLedger(disk, runId)).entries.length;
  const changed = {
    ...record,
    spec: steps === undefined ? spec : extendSpec(spec, await committed(), steps),
    // Absolute: later commands may have another working folder.
    model: model === undefined ? record.model : localPath(model),
    data: data === undefined ? record.data : dataPlace(data),
  };
  const commit = async (): Promise<void> => {
    if (canonicalJson(changed) === canonicalJson(record)) return;
    if (!(await lock.renew())) throw superseded(runId);
    await replaceRunRecord(disk, changed);
  };
  return { folder: { path, disk, record: changed }, commit };
}
