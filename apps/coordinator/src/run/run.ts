import { LockstepError, totalSteps, type Evaluation } from '@lockstep/core';
import { planStep } from '@lockstep/data';
import { isSuperseded, RENEWAL_MS, retractSteps } from '@lockstep/store';
import type { StepShell } from '../steps/step-shell.js';
import { assembleRun, type RunGiven, type RunParts } from './assemble-run.js';
import { runStarted } from './describe-run.js';
import { evaluateVersion, qualityOf } from './evaluate-version.js';
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
  const { isDecisive, selection } = parts;
  const last = totalSteps(spec);
  const { version } = given.opened;
  const { signal } = ending;
  let lastEvaluation: Promise<Evaluation> | undefined;
  const evaluate = (at: number): Promise<Evaluation> => {
    lastEvaluation = evaluateVersion(given, parts, at);
    lastEvaluation.catch((error: unknown) => ending.fail(error));
    return unlessAborted(signal, lastEvaluation);
  };
  // An evaluation that a coordinator before this one has not finished.
  if (version > 0 && isDecisive(version) && !selection.at(version)) await evaluate(version);
  if (selection.ends === undefined) {
    await trainRun({
      ...{ spec, version, steps, recorder, updates, signal, isDecisive },
      planStep: (step) => traces.plan(step, () => planStep(spec, step)),
      afterStep: async (step) => {
        const evaluation = parts.isEvaluated(step) ? evaluate(step) : undefined;
        evaluation?.catch(() => undefined); // `ending` reports it
        if (parts.isSaved(step) && step < last) checkpointer.begin(step);
        timelines.closed();
        traces.closed();
        if (isDecisive(step)) await evaluation;
        return selection.ends === undefined;
      },
    }).finally(() => traces.end());
  }
  await updates.settled();
  return unlessAborted(signal, lastEvaluation ?? evaluate(parts.replica.version));
}

async function finish(
  given: RunGiven,
  parts: RunParts,
  evaluation: Evaluation,
  elapsedMs: number,
): Promise<Outcome> {
  const { steps, checkpointer, selection, ending, emit } = parts;
  const { runId } = given.opened.folder.record;
  const { version: step, weightsSha256 } = await checkpointer.save();
  const { folder: model, best } = await parts.model.save();
  const reason = selection.ends ?? `all ${step} steps are done`;
  await untilUndisputed(steps, ending.signal);
  steps.handle({ type: 'ended', how: 'finished', reason });
  const seconds = Math.round(elapsedMs) / 1000;
  const quality = qualityOf(evaluation);
  const { skippedSteps } = parts.recorder;
  const saved = {
    ...(best && { best }),
    ...(skippedSteps > 0 && { skippedSteps }),
    seconds,
    model,
  };
  emit({ event: 'run-finished', runId, step, ...quality, weightsSha256, ...saved });
  return { state: 'finished', runId, step, reason };
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
  await parts.model.save();
  steps.handle({ type: 'ended', how: 'stopped', reason });
  return { state: 'stopped', runId, step, reason };
}
