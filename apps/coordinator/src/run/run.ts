import { LockstepError, totalSteps, type Evaluation } from '@lockstep/core';
import { planStep } from '@lockstep/data';
import type { Engine } from '@lockstep/engine';
import { isSuperseded, RENEWAL_MS, retractSteps, saveEvaluation } from '@lockstep/store';
import type { Tracker } from '@lockstep/tracking';
import type { StepShell } from '../steps/step-shell.js';
import { assembleRun, type RunGiven, type RunParts } from './assemble-run.js';
import { runStarted } from './describe-run.js';
import { MOST_FINISHED } from './evaluations.js';
import { mayRenewLater } from './lock-renewal.js';
import { Stopped, superseded, unlessAborted } from './run-end.js';
import { trainRun } from './train-run.js';

/** How a run ended that did not fail. */
export interface Outcome {
  readonly state: 'finished' | 'stopped';
  /** Absent, as is the step, if it was stopped before the run was led. */
  readonly runId?: string;
  readonly step?: number;
  readonly reason: string;
}

const TICK_MS = 20;

/**
 * Leads a run from its current version to its end.
 *
 * @param stopSignal aborted, with a reason, when the user wants the run to stop
 * @param admit called with the run's parts when workers may register
 * @throws LockstepError when the run fails
 */
export async function leadRun(
  given: RunGiven,
  stopSignal: AbortSignal,
  admit: (parts: RunParts) => void,
): Promise<Outcome> {
  const parts = assembleRun(given);
  parts.ending.stopOn(stopSignal);
  const started = given.clock.monotonicNow();
  begin(given, parts, admit);
  const timers = startTimers(given, parts);
  try {
    const evaluation = await train(given, parts);
    return await finish(given, parts, evaluation, given.clock.monotonicNow() - started);
  } catch (error) {
    return await endEarly(given, parts, error);
  } finally {
    for (const end of timers) end();
    await parts.arbiter.close();
  }
}

/** Reports the run's start and lets workers register. */
function begin(
  { engine, numerics, opened }: RunGiven,
  parts: RunParts,
  admit: (parts: RunParts) => void,
): void {
  const { spec, emit, steps } = parts;
  emit(runStarted(opened, spec, numerics, engine.facts));
  for (const message of opened.damaged) {
    emit({ event: 'alarm', code: 'checkpoint-damaged', message });
  }
  admit(parts);
  steps.tick(); // reports at once what the run waits for
}

function startTimers(
  { opened, clock }: RunGiven,
  { steps, evaluations, stateAudit, events, ending }: RunParts,
): readonly (() => void)[] {
  const { lock, folder } = opened;
  const tick = (): void => {
    steps.tick();
    evaluations.tick();
    stateAudit.tick();
    events.tick();
  };
  let renewedAt = clock.monotonicNow();
  const renewLock = (): void => {
    const begun = clock.monotonicNow();
    lock.renew().then(
      (isMine) => {
        renewedAt = begun;
        if (!isMine) ending.fail(superseded(folder.record.runId));
      },
      (error: unknown) => {
        if (!mayRenewLater(error, clock.monotonicNow() - renewedAt)) ending.fail(error);
      },
    );
  };
  return [clock.every(TICK_MS, tick), clock.every(RENEWAL_MS, renewLock)];
}

/** @returns the evaluation of the last step */
async function train(given: RunGiven, parts: RunParts): Promise<Evaluation> {
  const { spec, steps, recorder, updates, checkpointer, ending, timelines, traces } = parts;
  const last = totalSteps(spec);
  const { signal } = ending;
  let lastEvaluation: Promise<Evaluation> | undefined;
  await trainRun({
    ...{ spec, version: given.opened.version, steps, recorder, updates, signal },
    planStep: (step) => traces.plan(step, () => planStep(spec, step)),
    afterStep: (step) => {
      if (parts.isEvaluated(step)) {
        lastEvaluation = evaluate(given, parts, step);
        lastEvaluation.catch((error: unknown) => ending.fail(error));
      }
      if (parts.isSaved(step) && step < last) checkpointer.begin(step);
      timelines.closed();
      traces.closed();
    },
  }).finally(() => traces.end());
  await updates.settled();
  return unlessAborted(signal, lastEvaluation ?? evaluate(given, parts, last));
}

/** Evaluates the newest version, which the workers still hold; saves and reports the result. */
async function evaluate(
  { engine, opened, tracker }: RunGiven,
  { spec, replica, evaluations, diskSpace, emit }: RunParts,
  version: number,
): Promise<Evaluation> {
  await replica.at(version, (at) => {
    const pinned = at.run('pin', { version });
    // Requested in the same turn of the event loop, while the engine is at this version.
    if (tracker) void recordSpreads(at, tracker);
    return pinned;
  });
  const evaluation = await evaluations.evaluate(version);
  await engine.run('unpin', { version });
  await diskSpace.untilFree(() =>
    saveEvaluation(opened.folder.disk, spec, evaluation, MOST_FINISHED),
  );
  const { testLoss } = evaluation;
  emit({ event: 'evaluation', step: version, ...qualityOf(evaluation), testLoss });
  return evaluation;
}

/** The figures of an evaluation that events carry. */
function qualityOf({
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

async function finish(
  given: RunGiven,
  parts: RunParts,
  evaluation: Evaluation,
  elapsedMs: number,
): Promise<Outcome> {
  const { spec, steps, checkpointer, ending, emit } = parts;
  const { runId } = given.opened.folder.record;
  const { weightsSha256 } = await checkpointer.save();
  const model = await saveModel(given, parts);
  const step = totalSteps(spec);
  const reason = `all ${step} steps are done`;
  await untilUndisputed(steps, ending.signal);
  steps.handle({ type: 'ended', how: 'finished', reason });
  const seconds = Math.round(elapsedMs) / 1000;
  const quality = qualityOf(evaluation);
  emit({ event: 'run-finished', runId, step, ...quality, weightsSha256, seconds, model });
  return { state: 'finished', runId, step, reason };
}

/** Saves the newest weights as a model. @returns its folder */
async function saveModel({ opened }: RunGiven, { diskSpace, replica }: RunParts): Promise<string> {
  const folder = `${opened.folder.path}/model`;
  await diskSpace.untilFree(async () => {
    await opened.lock.mustHold(); // the engine writes by itself
    await replica.newest('saveModel', { folder });
  });
  return folder;
}

/**
 * A run whose last contributions are disputed is not finished.
 *
 * @throws LockstepError `run-failed` if a committed step was proved wrong; the signal's reason
 */
async function untilUndisputed(steps: StepShell, signal: AbortSignal): Promise<void> {
  while (steps.state.lateDisputes.length > 0) {
    await unlessAborted(signal, steps.untilUndisputed());
  }
  if (steps.state.refutedStep !== undefined) signal.throwIfAborted();
}

/** Ends a run before its last step. A run that the user stopped is saved first, its model too. */
async function endEarly(given: RunGiven, parts: RunParts, error: unknown): Promise<Outcome> {
  const { opened } = given;
  const { steps, checkpointer, updates } = parts;
  const { disk, record } = opened.folder;
  const { runId } = record;
  const { message: reason } = LockstepError.from(error);
  // The other coordinator continues the run: this one's workers must not leave it.
  if (isSuperseded(error)) throw error;
  if (!(error instanceof Stopped)) {
    steps.handle({ type: 'ended', how: 'failed', reason });
    const { refutedStep } = steps.state;
    if (refutedStep !== undefined) {
      await checkpointer.close();
      await retractSteps(disk, runId, refutedStep);
    }
    throw error;
  }
  await updates.settled();
  const { version: step } = await checkpointer.save();
  await saveModel(given, parts);
  steps.handle({ type: 'ended', how: 'stopped', reason });
  return { state: 'stopped', runId, step, reason };
}
