import { openRunFolder, loadLastCheckpoint, type RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { withEngine, type Engine } from '@lockstep/engine';

/** A run's last saved weights, in an engine. */
export interface SavedRun {
  readonly engine: Engine;
  readonly record: RunRecord;
  readonly version: number;
}

/**
 * Loads the last good checkpoint of a run into an engine, which is closed after `work`.
 *
 * @param withData whether samples will be computed from
 * @throws LockstepError `run-not-found`, or `run-damaged` when no checkpoint is sound
 */
export async function withSavedRun<Result>(
  out: string,
  run: string,
  withData: boolean,
  work: (saved: SavedRun) => Promise<Result>,
): Promise<Result> {
  const { disk, record } = await openRunFolder(out, run);
  const { spec, model, data, runId } = record;
  const { checkpoint, damaged } = await loadLastCheckpoint(disk, spec);
  if (!checkpoint) {
    throw new LockstepError('run-damaged', damaged[0] ?? `run ${runId} has no checkpoint yet`, {
      remedy: 'resume the run: it saves one every so often',
    });
  }
  const { version, state } = checkpoint;
  return withEngine({ threads: spec.threads, device: spec.device }, async (engine) => {
    await engine.run('prepare', { spec, model, ...(withData ? { data } : {}) });
    await engine.run('load', { version, state });
    return work({ engine, record, version });
  });
}
