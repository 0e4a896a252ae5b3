import { defaultMachineOptions, totalSteps, type Clock, type RunEvent } from '@lockstep/core';
import { planEvaluation } from '@lockstep/data';
import type { Engine } from '@lockstep/engine';
import type { RunDescription } from '@lockstep/protocol';
import type { ShardQueue } from '@lockstep/queue';
import type { Tracer } from '@lockstep/tracing';
import type { Tracker } from '@lockstep/tracking';
import type { CoordinatorOptions } from '../coordinator-options.js';
import { Checkpointer } from '../state/checkpointer.js';
import { DiskSpace } from '../state/disk-space.js';
import { Replica } from '../state/replica.js';
import { StateAudit } from '../state/state-audit.js';
import { UpdatePipeline } from '../state/update-pipeline.js';
import { UpdateStream } from '../state/update-stream.js';
import { Arbiter } from '../steps/arbiter.js';
import { StepRecorder } from '../steps/step-recorder.js';
import { StepShell } from '../steps/step-shell.js';
import type { StepMachine } from '../steps/step-shell-parts.js';
import { Timelines } from '../timeline/timelines.js';
import { StepTraces } from '../tracing/step-traces.js';
import { WorkerRegistry } from '../workers/worker-registry.js';
import { TrainingTime } from './active-time.js';
import { Evaluations } from './evaluations.js';
import { EventLimits } from './event-limits.js';
import type { OpenedRun } from './open-run.js';
import type { RunNumerics } from './probe-numerics.js';
import { RunEnding } from './run-end.js';
import { RunLog } from './run-log.js';
import { RunModel } from './run-model.js';
import { Selection } from './selection.js';

/** What a run is led with. */
export interface RunGiven {
  readonly options: CoordinatorOptions;
  /** Prepared for the run, at the version of `opened`. */
  readonly engine: Engine;
  readonly description: RunDescription;
  readonly numerics: RunNumerics;
  readonly opened: OpenedRun;
  readonly queue: Pick<ShardQueue, 'enqueue'>;
  /** Starts another engine, to decide a dispute. */
  readonly startEngine: () => Promise<Engine>;
  readonly clock: Clock;
  /** Records the run in TensorBoard or MLflow. */
  readonly tracker?: Tracker | undefined;
  readonly tracer?: Tracer | undefined;
  /** Replaces `advance` in tests that plant a bug. */
  readonly stepMachine?: StepMachine;
}

/** The parts of a run. */
export type RunParts = ReturnType<typeof assembleRun>;

/** Samples of an evaluation shard. */
const EVALUATION_SHARD = 100;

/** Constructs a run's parts, each from those above it. */
export function assembleRun(given: RunGiven) {
  const { options, engine, opened, queue, clock, tracker, description, numerics } = given;
  const { ledger, lock, queueName, recorded, version } = opened;
  const { disk, record } = opened.folder;
  const { runId, spec, model, data } = record;
  const run = { runId, term: lock.term };

  // Observers: no other part waits for them.
  const log = new RunLog(options.log, run);
  const events = new EventLimits(clock, (event) => {
    opened.log.write(event);
    tracker?.observe(event, clock.now());
    log.event(event);
    options.onEvent(event);
  });
  const emit = (event: RunEvent): void => events.emit(event);
  const ending = new RunEnding();
  const time = new TrainingTime(clock);
  const timelines = new Timelines(() => time.now());
  const traces = new StepTraces(run, given.tracer);

  // State that the step shell applies effects to.
  const workers = new WorkerRegistry(clock);
  const replica = new Replica(engine, version);
  const updateStream = new UpdateStream(workers, replica);
  const arbiter = new Arbiter({
    ...{ run: { spec, model, data }, fingerprint: numerics.fingerprint, disk, replica },
    startEngine: given.startEngine,
  });

  const steps = new StepShell({
    ...{ run: { ...run, committedStep: version }, spec, clock, workers, queue, updateStream },
    ...{ recorded, replica, arbiter, ending, emit, log, time, timelines, traces },
    stepMachine: given.stepMachine,
    options: {
      ...{ ...defaultMachineOptions, minWorkers: options.minWorkers },
      startsWorkers: options.scaler !== undefined,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs,
      compareContributions: spec.numerics === 'strict',
    },
  });

  // Parts that pass events to the step shell.
  const diskSpace = new DiskSpace({ clock, ending, steps, emit });
  const { term } = run;
  const selection = new Selection(spec, opened.measured);
  const recorder = new StepRecorder({
    ...{ spec, term, ledger, recorded, onAlarm: options.onAlarm, diskSpace, workers, ending },
    ...{ emit, time, timelines, traces, selection, skippedSteps: opened.skippedSteps },
  });
  const runModel = new RunModel({
    ...{ spec, folder: opened.folder, lock, engine, replica, diskSpace, selection },
  });
  const checkpointer = new Checkpointer({
    ...{ clock, spec, disk, diskSpace, replica, ledger, ending, emit },
    kept: selection.keepsBest ? selection.best?.step : undefined,
  });
  const evaluations = new Evaluations({
    ...{ run, steps, clock, earlier: opened.evaluations },
    plan: (at) => planEvaluation(spec.data.testCount, at, EVALUATION_SHARD),
    spec,
  });
  const stateAudit = new StateAudit({ replica, workers, steps, clock, every: options.proveEvery });
  const { evalEvery } = spec.selection ?? options;
  const isEvaluated = (at: number): boolean => at === totalSteps(spec) || at % evalEvery === 0;
  const isDecisive = (at: number): boolean => selection.isActive && isEvaluated(at);
  const isSaved = (at: number): boolean => at % options.checkpointEvery === 0;
  const updates = new UpdatePipeline({
    ...{ clock, spec, engine, replica, updateStream, stateAudit, timelines, traces },
    ...{ isEvaluated, isSaved },
  });
  return {
    ...{ spec, description, queueName, numerics, engine, emit, ending, timelines, traces },
    ...{ workers, replica, updateStream, arbiter, steps, diskSpace, recorder, checkpointer },
    ...{ evaluations, selection, stateAudit, events, model: runModel },
    ...{ isEvaluated, isDecisive, isSaved, updates },
  };
}
