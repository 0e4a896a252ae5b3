import { openRunFolder, loadLastCheckpoint } from '@lockstep/coordinator';
import { LockstepError, specHash, type RunSpec } from '@lockstep/core';
import { startEngine, type Engine } from '@lockstep/engine';

/** A run's last saved weights, in an engine. */
export interface SavedRun {
  readonly engine: Engine;
  readonly spec: RunSpec;
  readonly runId: string;
  readonly version: number;
}

/**
 * Loads the last good checkpoint of a run.
 *
 * @param withData whether samples will be computed from
 * @throws LockstepError `run-not-found`, or `run-damaged` when no checkpoint is sound
 */
export async function loadSavedRun(out: string, run: string, withData: boolean): Promise<SavedRun> {
  const { disk, record } = await openRunFolder(out, run);
  const { spec, model, data, runId } = record;
  const { checkpoint, damaged } = await loadLastCheckpoint(disk, specHash(spec));
  if (!checkpoint) {
    throw new LockstepError('run-damaged', damaged[0] ?? `run ${runId} has no checkpoint yet`, {
      remedy: 'resume the run: it saves one every so often',
    });
  }
  const engine = await startEngine({ threads: spec.threads, device: spec.device });
  await engine.run('prepare', { spec, model, ...(withData ? { data } : {}) });
  const { version, state } = checkpoint;
  await engine.run('load', { version, state });
  return { engine, spec, runId, version };
}
