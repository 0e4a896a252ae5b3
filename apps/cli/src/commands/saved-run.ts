import { modelCheckpoint, openRunFolder, type RunRecord } from '@lockstep/coordinator';
import { withEngine, type Engine } from '@lockstep/engine';

/** The version that is a run's model, in an engine. */
export interface SavedRun {
  readonly engine: Engine;
  readonly record: RunRecord;
  readonly version: number;
  /** The version in words: `step 300`, `step 200 (its best)`. */
  readonly versionText: string;
}

/**
 * Loads the version that is a run's model into an engine, which is closed after `work`: its best one where
 * the run keeps that, else its last good checkpoint.
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
  const folder = await openRunFolder(out, run);
  const { record } = folder;
  const { spec, model, data } = record;
  const { version, state, isBest } = await modelCheckpoint(folder);
  const versionText = `step ${version}${isBest ? ' (its best)' : ''}`;
  return withEngine({ threads: spec.threads, device: spec.device }, async (engine) => {
    await engine.run('prepare', { spec, model, ...(withData ? { data } : {}) });
    await engine.run('load', { version, state });
    return work({ engine, record, version, versionText });
  });
}
