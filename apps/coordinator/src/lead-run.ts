import { defaultHeartOptions, LockstepError, specHash, type RunEvent } from '@lockstep/core';
import { planEvaluation, planStep } from '@lockstep/data';
import type { Engine } from '@lockstep/engine';
import { encodeRunStatus, encodeSnapshot } from '@lockstep/protocol';
import type { ShardQueue } from '@lockstep/queue';
import { createCheckpointer } from './checkpointer.js';
import type { Clock } from './clock.js';
import { createCollector, type Collector, type Heart } from './collector.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { describeRun, runStarted } from './describe-run.js';
import { createEvaluations, type Evaluation } from './evaluations.js';
import { createLearningWatch } from './learning-watch.js';
import { createMembers } from './members.js';
import type { OpenedRun } from './open-run.js';
import { createProgress } from './progress.js';
import { createPublisher } from './publisher.js';
import { queueReturns } from './queue-returns.js';
import { createRecorder } from './recorder.js';
import { createRoster, type Roster } from './roster.js';
import type { ServiceParts } from './service.js';
import { hopeless, remedies, Stopped, superseded, unlessAborted } from './run-end.js';
import { evaluationJob, trainJob } from './shard-jobs.js';
import { trainRun } from './train-run.js';
import { createWeights } from './weights.js';

/** How a run ended that did not fail. */
export interface Outcome {
  readonly state: 'finished' | 'stopped';
  readonly runId: string;
  readonly step: number;
  readonly reason: string;
}

const TICK_MS = 20;
const EVALUATION_TICK_MS = 1_000;
const LOCK_RENEWAL_MS = 2_000;
const EVALUATION_SHARD = 100;

/** Leads one run from where it stands to its end. */
export async function leadRun(given: {
  readonly options: CoordinatorOptions;
  readonly engine: Engine;
  readonly opened: OpenedRun;
  readonly queue: Pick<ShardQueue, 'enqueue' | 'health'>;
  readonly clock: Clock;
  /** Another heart, in tests that plant a bug. */
  readonly heart?: Heart;
  readonly stopSignal: AbortSignal;
  /** Lets the workers in. */
  readonly admit: (parts: ServiceParts) => void;
}): Promise<Outcome> {
  const { options, engine, opened, queue, clock, stopSignal } = given;
  const { disk, record } = opened.folder;
  const { runId, spec } = record;
  const run = { runId, term: opened.lock.term };
  const emit = (event: RunEvent): void => {
    opened.log.write(event);
    options.onEvent(event);
  };
  const ending = new AbortController();
  const fail = (error: unknown): void => ending.abort(LockstepError.from(error, 'run-failed'));
  stopSignal.addEventListener('abort', () => ending.abort(new Stopped(String(stopSignal.reason))));
  if (stopSignal.aborted) ending.abort(new Stopped(String(stopSignal.reason)));

  const members = createMembers();
  const evaluations = createEvaluations({
    now: () => clock.now(),
    enqueue: (tasks) => queue.enqueue(tasks.map((task) => evaluationJob(run, task))),
    plan: (version) => planEvaluation(spec.data.testCount, version, EVALUATION_SHARD),
  });
  const publisher = createPublisher(engine);
  const collector: Collector = createCollector(
    { ...run, committedStep: opened.version },
    {
      ...defaultHeartOptions,
      minWorkers: options.minWorkers,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs,
      compareAnswers: spec.numerics === 'strict',
    },
    {
      now: () => clock.now(),
      enqueue: (order) => {
        const { step, index } = order.shard;
        const { attempt, reason } = order;
        if (attempt > 1) emit({ event: 'reissue', step, index, attempt, reason });
        return queue.enqueue([trainJob(run, order)]);
      },
      queueBack: () => queueReturns(queue, ending.signal, clock),
      conditionChanged: ({ state, reason }) => {
        emit({ event: 'state', state, reason });
        publisher.broadcast(encodeRunStatus(state, reason));
      },
      workerLost: (worker, reason) => roster.givenUp(worker, 'lost', reason),
      quarantined: (worker, reason) => roster.givenUp(worker, 'quarantined', reason),
      failed: (code, reason) => {
        emit({ event: 'alarm', code, message: reason });
        fail(new LockstepError('run-failed', reason, { remedy: remedies[code] }));
      },
    },
    given.heart,
  );
  const roster: Roster = createRoster({ members, collector, evaluations, onEvent: emit });
  const checkpointer = createCheckpointer({
    disk,
    engine,
    ledger: opened.ledger,
    specHash: specHash(spec),
    saved: (checkpoint) => emit({ event: 'checkpoint', ...checkpoint }),
    failed: fail,
  });
  const isEvaluated = (version: number): boolean =>
    version === spec.steps || version % options.evalEvery === 0;
  const weights = createWeights(engine, publisher, spec, isEvaluated);

  const evaluate = async (version: number): Promise<Evaluation> => {
    await engine.run('pin', { version });
    const evaluation = await evaluations.evaluate(version);
    await engine.run('unpin', { version });
    const { testAccuracy, testLoss } = evaluation;
    emit({ event: 'evaluation', step: version, testAccuracy, testLoss });
    return evaluation;
  };

  const started = performance.now();
  const description = await describeRun(engine, run, spec, options.heartbeatTimeoutMs);
  given.admit({
    ...{ spec, description, members, collector, evaluations, publisher, roster },
    pinned: async (version) => {
      const snapshot = await engine.run('export', { pinned: version }).catch(() => undefined);
      return snapshot && encodeSnapshot({ version, state: snapshot.state });
    },
  });
  emit(runStarted(opened, spec, description, engine.facts));
  for (const message of opened.damaged)
    emit({ event: 'alarm', code: 'checkpoint-damaged', message });

  const progress = createProgress(spec, () => clock.now());
  const watch = createLearningWatch(spec.data.classCount);
  const recordStep = createRecorder(opened.ledger, run.term, opened.recorded, spec.numerics);
  const timers = [
    clock.every(TICK_MS, () => void collector.tell({ type: 'tick' })),
    clock.every(EVALUATION_TICK_MS, () => evaluations.tick()),
    clock.every(LOCK_RENEWAL_MS, () => {
      opened.lock.renew().then((mine) => mine || fail(superseded(runId)), fail);
    }),
  ];
  let lastEvaluation: Promise<Evaluation> | undefined;

  try {
    await trainRun({
      spec,
      version: opened.version,
      signal: ending.signal,
      planStep,
      untilRunning: () => collector.untilRunning(),
      collect: (step, shards) => collector.collect(step, shards),
      record: (step, contributions) => {
        recordStep(step, contributions);
        const figures = progress.committed(step, contributions, members.all().length);
        emit(figures.event);
        const alarm = watch.observe(figures);
        if (alarm) emit({ event: 'alarm', ...alarm });
        if (alarm && options.onAlarm === 'stop') fail(hopeless(alarm.message));
      },
      reduceInOrder: (contributions) => weights.reduceInOrder(contributions),
      applyAndPublish: (step, update) => weights.applyAndPublish(step, update),
      afterStep: (step) => {
        if (isEvaluated(step)) {
          lastEvaluation = evaluate(step);
          lastEvaluation.catch(fail);
        }
        if (step % options.checkpointEvery === 0 && step < spec.steps) checkpointer.begin();
      },
    });
    await weights.settled();
    const evaluation = await unlessAborted(ending.signal, lastEvaluation ?? evaluate(spec.steps));
    await checkpointer.save();
    const { weightsSha256 } = await engine.run('export', {});
    const modelFolder = `${opened.folder.path}/model`;
    await engine.run('saveModel', { folder: modelFolder });
    collector.tell({ type: 'ended', how: 'finished', reason: `all ${spec.steps} steps are done` });
    emit({
      event: 'run-finished',
      runId,
      step: spec.steps,
      testAccuracy: evaluation.testAccuracy,
      weightsSha256,
      seconds: Math.round(performance.now() - started) / 1000,
      model: modelFolder,
    });
    return { state: 'finished', runId, step: spec.steps, reason: 'all steps are done' };
  } catch (error) {
    const how = error instanceof Stopped ? 'stopped' : 'failed';
    const { message } = LockstepError.from(error);
    if (!(error instanceof LockstepError && error.code === 'run-locked')) {
      await weights.settled().catch(() => undefined);
      if (how === 'stopped') await checkpointer.save();
    }
    collector.tell({ type: 'ended', how, reason: message });
    if (how === 'failed') throw error;
    const { version: step } = await engine.run('hash', undefined);
    return { state: 'stopped', runId, step, reason: message };
  } finally {
    for (const end of timers) end();
  }
}
