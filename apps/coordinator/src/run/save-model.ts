import type { BestVersion } from '@lockstep/core';
import { loadCheckpoint } from '@lockstep/store';
import type { RunGiven, RunParts } from './assemble-run.js';
import { measureOf } from './selection.js';

/** A saved model. */
export interface SavedModel {
  readonly folder: string;
  /** The version that it is of, where that is the best one. */
  readonly best?: BestVersion;
}

/** Saves the run's model: the newest weights, or those of the best evaluation so far. */
export async function saveModel(given: RunGiven, parts: RunParts): Promise<SavedModel> {
  const { engine, opened } = given;
  const { diskSpace, replica, selection, spec } = parts;
  const folder = `${opened.folder.path}/model`;
  const best = selection.keepsBest ? selection.best : undefined;
  const checkpoint = best && (await loadCheckpoint(opened.folder.disk, best.version, spec));
  await diskSpace.untilFree(async () => {
    await opened.lock.mustHold(); // the engine writes by itself
    if (!checkpoint) return replica.newest('saveModel', { folder });
    const { version, state } = checkpoint;
    await engine.run('pin', { version, state });
    await engine.run('saveModel', { folder, pinned: version });
    return engine.run('unpin', { version });
  });
  if (!best || !checkpoint) return { folder };
  const { metric } = measureOf(spec);
  const { weightsSha256 } = checkpoint;
  return { folder, best: { step: best.version, metric, value: best.value, weightsSha256 } };
}
