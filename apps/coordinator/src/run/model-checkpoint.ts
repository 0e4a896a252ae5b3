import { bestOf, LockstepError } from '@lockstep/core';
import { measureOf } from '@lockstep/model/objective';
import {
  loadCheckpoint,
  loadLastCheckpoint,
  readEvaluations,
  readLedger,
  type Checkpoint,
  type RunFolder,
} from '@lockstep/store';
import { measuredUpTo } from './measured-versions.js';

/** The checkpoint of the version that is a run's model. */
export interface ModelCheckpoint extends Checkpoint {
  /** Whether it is that of the best evaluation, which the run keeps; else it is the last good one. */
  readonly isBest: boolean;
}

/**
 * The version that is a run's model: that of its best evaluation where it keeps that, else its last one.
 *
 * @throws LockstepError `run-damaged` where the run has no sound checkpoint of it
 */
export async function modelCheckpoint({ disk, record }: RunFolder): Promise<ModelCheckpoint> {
  const { spec, runId } = record;
  if (spec.selection?.keepBest) {
    const entries = (await readLedger(disk, runId)).entries.map(({ entry }) => entry);
    const measured = measuredUpTo(spec, Infinity, entries, await readEvaluations(disk, spec));
    const best = bestOf(measured, measureOf(spec).better);
    if (best) return { ...(await loadCheckpoint(disk, best.version, spec)), isBest: true };
  }
  const { checkpoint, damaged } = await loadLastCheckpoint(disk, spec);
  if (checkpoint) return { ...checkpoint, isBest: false };
  throw new LockstepError('run-damaged', damaged[0] ?? `run ${runId} has no checkpoint yet`, {
    remedy: 'resume the run: it saves one every so often',
  });
}
