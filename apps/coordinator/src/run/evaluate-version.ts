import type { Evaluation } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { saveEvaluation } from '@lockstep/store';
import type { Tracker } from '@lockstep/tracking';
import type { RunGiven, RunParts } from './assemble-run.js';
import { MOST_FINISHED } from './evaluations.js';

/**
 * Evaluates the newest version, which the workers still hold; saves and reports the result. Where the best
 * version is the run's model, its checkpoint is on the disk when this resolves.
 */
export async function evaluateVersion(
  { engine, opened, tracker }: RunGiven,
  { spec, replica, evaluations, selection, checkpointer, diskSpace, emit }: RunParts,
  version: number,
): Promise<Evaluation> {
  await replica.at(version, (at) => {
    const pinned = at.run('pin', { version });
    // Requested in the same turn of the event loop, while the engine is at this version.
    if (tracker) void recordSpreads(at, tracker);
    return pinned;
  });
  const evaluation = await evaluations.evaluate(version);
  selection.add(evaluation);
  if (selection.keepsBest && selection.best?.step === version) {
    await checkpointer.keep(version, engine.run('export', { pinned: version }));
  }
  await engine.run('unpin', { version });
  await diskSpace.untilFree(() =>
    saveEvaluation(opened.folder.disk, spec, evaluation, MOST_FINISHED),
  );
  const { testLoss } = evaluation;
  const { best } = selection;
  const figures = { ...qualityOf(evaluation), testLoss, ...(best && { best }) };
  emit({ event: 'evaluation', step: version, ...figures });
  return evaluation;
}

/** The figures of an evaluation that events carry. */
export function qualityOf({
  testAccuracy,
  metrics,
}: Evaluation): Pick<Evaluation, 'testAccuracy' | 'metrics'> {
  return { ...(testAccuracy === undefined ? {} : { testAccuracy }), metrics };
}

/** A tracker that fails does not fail the training. */
async function recordSpreads(engine: Engine, tracker: Tracker): Promise<void> {
  const found = await engine.run('histograms', undefined).catch(() => undefined);
  if (found) tracker.spreads(found.version, found.parameters);
}
