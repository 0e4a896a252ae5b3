import type { RunEvent } from '@lockstep/core';
import type { Tracker } from '@lockstep/tracking';
import type { CoordinatorOptions } from '../coordinator-options.js';
import type { OpenedRun } from './open-run.js';

/** Starts to record a run in TensorBoard or MLflow, if requested; loads their code only then. */
export async function startTracker(
  { tracking, onEvent }: Pick<CoordinatorOptions, 'tracking' | 'onEvent'>,
  { folder, version, log }: Pick<OpenedRun, 'folder' | 'version' | 'log'>,
): Promise<Tracker | undefined> {
  if (!tracking) return undefined;
  const { startTracking } = await import('@lockstep/tracking');
  const { runId, spec } = folder.record;
  return startTracking(tracking, { runId, spec, folder: folder.path, version }, (code, message) => {
    const event: RunEvent = { event: 'alarm', code, message };
    log.write(event);
    onEvent(event);
  });
}
