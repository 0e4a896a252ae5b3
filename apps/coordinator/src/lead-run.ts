import { type Evaluation, LockstepError, totalSteps } from '@lockstep/core';
import { planStep } from '@lockstep/data';
import { encodeSnapshot } from '@lockstep/protocol';
import { assembleRun, type RunGiven, type RunParts } from './assemble-run.js';
import { runStarted } from './describe-run.js';
import { createLearningWatch } from './learning-watch.js';
import { createProgress } from './progress.js';
import { createRecorder } from './recorder.js';
import { isFull } from '@lockstep/store';
import { hopeless, Stopped, superseded, unlessAborted } from './run-end.js';
import type { ServiceParts } from './service.js';
import { tracedTraining } from './tracing/traced-training.js';
import { trainRun, type TrainingParts } from './train-run.js';

/** How a run ended that did not fail. */
export interface Outcome {
  readonly state: 'finished' | 'stopped';
  /** Absent, as the step is, where it was stopped before the run was led. */
  readonly runId?: string;
  readonly step?: number;
  readonly reason: string;
}

const TICK_MS = 20;
const SLOW_TICK_MS = 1_000;
const LOCK_RENEWAL_MS = 2_000;

/**
 * Leads one run from where it stands to its end.
 *
 * @param stopSignal aborted, with a reason, when a person wants it to end
 * @param admit lets the workers in
 * @throws LockstepError when the run fails
 */
export async function leadRun(
  given: RunGiven,
  stopSignal: AbortSignal,
  admit: (parts: ServiceParts) => void,
): Promise<Outcome> {
  const parts = assembleRun(given);
  const stop = (): void => parts.ending.abort(new Stopped(String(stopSignal.reason)));
  stopSignal.addEventListener('abort', stop, { once: true });
  if (stopSignal.aborted) stop();
  const started = performance.now();
  letWorkersIn(given, parts, admit);
  const timers = startTimers(given, parts);
  try {
    const evaluation = await train(given, parts);
    return await finish(given, parts, evaluation, performance.now() - started);
  } catch (error) {
    return await endEarly(given, parts, error);
  } finally {
    for (const end of timers) end();
  }
}

function letWorkersIn(
  { engine, description, numerics, opened }: RunGiven,
  parts: RunParts,
  admit: (parts: ServiceParts) => void,
): void {
  const { spec } = opened.folder.record;
  const { emit, members, collector, evaluations, publisher, roster, replica, stateAudit } = parts;
  const { timelines, traces, log } = parts;
  emit(runStarted(opened, spec, numerics, engine.facts));
  for (const message of opened.damaged) {
    emit({ event: 'alarm', code: 'checkpoint-damaged', message });
  }
  admit({
    ...{ spec, description, numerics, emit },
    ...{ members, collector, evaluations, publisher, roster, stateAudit, timelines, traces, log },
    engine: replica.engine,
    pinned: async (version) => {
      const snapshot = await engine.run('export', { pinned: version }).catch(() => undefined);
      return snapshot && encodeSnapshot({ version, state: snapshot.state });
    },
  });
  // Reports at once what the run waits for.
  collector.tell({ type: 'tick' });
}

function startTimers(
  { opened, clock }: RunGiven,
  { collector, evaluations, stateAudit, fail, lookAtTime }: RunParts,
): readonly (() => void)[] {
  const { runId } = opened.folder.record;
  const renew = (): void => {
    opened.lock.renew().then(
      (mine) => {
        if (!mine) fail(superseded(runId));
      },
      // A later term would need room as well; without one this coordinator is still the writer.
      (error: unknown) => {
        if (!isFull(error)) fail(error);
      },
    );
  };
  return [
    clock.every(TICK_MS, () => {
      lookAtTime();
      collector.tell({ type: 'tick' });
    }),
    clock.every(SLOW_TICK_MS, () => {
      evaluations.tick();
      stateAudit.tick();
    }),
    clock.every(LOCK_RENEWAL_MS, renew),
  ];
}

/** The training itself. @returns the evaluation of the last step */
async function train({ options, opened }: RunGiven, parts: RunParts): Promise<Evaluation> {
  const { spec } = opened.folder.record;
  const last = totalSteps(spec);
  const { emit, fail, ending, collector, members, weights, checkpointer } = parts;
  const { room, timelines, traces } = parts;
  const progress = createProgress(spec, parts.activeTime);
  const watch = createLearningWatch(spec.data.classCount);
  const recordStep = createRecorder(
    opened.ledger,
    opened.lock.term,
    opened.recorded,
    spec.numerics,
  );
  let lastEvaluation: Promise<Evaluation> | undefined;
  const training: TrainingParts = {
    spec,
    version: opened.version,
    signal: ending.signal,
    planStep,
    untilRunning: () => collector.untilRunning(),
    collect: (step, shards) => {
      timelines.opened(step);
      return collector.collect(step, shards);
    },
    record: async (step, contributions) => {
      await room.untilRoom(() => recordStep(step, contributions));
      const figures = progress.committed(step, contributions, members.all().length);
      emit(figures.event);
      const alarm = watch.observe(figures);
      if (alarm) emit({ event: 'alarm', ...alarm });
      if (alarm && options.onAlarm === 'stop') fail(hopeless(alarm.message));
      timelines.recorded();
    },
    reduceInOrder: (contributions) => weights.reduceInOrder(contributions),
    applyAndPublish: (step, update) => weights.applyAndPublish(step, update),
    afterStep: (step) => {
      if (parts.isEvaluated(step)) {
        lastEvaluation = parts.evaluate(step);
        lastEvaluation.catch(fail);
      }
      if (step % options.checkpointEvery === 0 && step < last) checkpointer.begin(step);
      timelines.closed();
    },
  };
  await trainRun(tracedTraining(training, traces)).finally(() => traces.end());
  await weights.settled();
  return unlessAborted(ending.signal, lastEvaluation ?? parts.evaluate(last));
}

async function finish(
  { opened }: RunGiven,
  { emit, collector, checkpointer, room, replica }: RunParts,
  { testAccuracy }: Evaluation,
  elapsedMs: number,
): Promise<Outcome> {
  const { runId, spec } = opened.folder.record;
  const { weightsSha256 } = await checkpointer.save();
  const model = `${opened.folder.path}/model`;
  await room.untilRoom(() => replica.engine.run('saveModel', { folder: model }));
  const step = totalSteps(spec);
  const reason = `all ${step} steps are done`;
  collector.tell({ type: 'ended', how: 'finished', reason });
  const seconds = Math.round(elapsedMs) / 1000;
  emit({ event: 'run-finished', runId, step, testAccuracy, weightsSha256, seconds, model });
  return { state: 'finished', runId, step, reason };
}

/** Ends a run before its last step: saved, where a person stopped it; as it was, where it failed. */
async function endEarly(
  { opened }: RunGiven,
  { collector, checkpointer, weights }: RunParts,
  error: unknown,
): Promise<Outcome> {
  const { runId } = opened.folder.record;
  const { message: reason } = LockstepError.from(error);
  if (!(error instanceof Stopped)) {
    collector.tell({ type: 'ended', how: 'failed', reason });
    throw error;
  }
  await weights.settled();
  const { version: step } = await checkpointer.save();
  collector.tell({ type: 'ended', how: 'stopped', reason });
  return { state: 'stopped', runId, step, reason };
}
