import {
  type Clock,
  defaultMachineOptions,
  type Evaluation,
  LockstepError,
  type RunEvent,
  type Shard,
  specHashAt,
  totalSteps,
} from '@lockstep/core';
import { planEvaluation } from '@lockstep/data';
import type { Engine } from '@lockstep/engine';
import { encodeRunStatus, type RunDescription } from '@lockstep/protocol';
import type { ShardQueue } from '@lockstep/queue';
import type { Tracer } from '@lockstep/tracing';
import type { Tracker } from '@lockstep/tracking';
import { createActiveTime, type ActiveTime } from './active-time.js';
import { alarmCatalogue } from './alarm-catalogue.js';
import { createCheckpointer, type Checkpointer } from './checkpointer.js';
import {
  createCollector,
  type Collector,
  type CollectorPorts,
  type StepMachine,
} from './collector.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { createEvaluations, MOST_FINISHED, type Evaluations } from './evaluations.js';
import { createMembers, type Members } from './members.js';
import type { OpenedRun } from './open-run.js';
import type { RunNumerics } from './probe-numerics.js';
import { createReplica, type Replica } from './replica.js';
import { createStateAudit, type StateAudit } from './state-audit.js';
import { createPublisher, type Publisher } from './publisher.js';
import { queueReturns } from './queue-returns.js';
import { createRoomOnDisk, type RoomOnDisk } from './room-on-disk.js';
import { createRoster, type Roster } from './roster.js';
import { createRunLog, type RunLog } from './run-log.js';
import { evaluationJob, trainJob } from './shard-jobs.js';
import { saveEvaluation } from '@lockstep/store';
import { createTimelines, type Timelines } from './timeline/timelines.js';
import { createStepTraces, type StepTraces } from './tracing/step-traces.js';
import { createWeights, type Weights } from './weights.js';

/** What a run is assembled from. */
export interface RunGiven {
  readonly options: CoordinatorOptions;
  readonly engine: Engine;
  readonly description: RunDescription;
  readonly numerics: RunNumerics;
  readonly opened: OpenedRun;
  readonly queue: RunQueue;
  readonly clock: Clock;
  /** Records the run elsewhere; absent where nobody asked for that. */
  readonly tracker?: Tracker | undefined;
  /** Records what happens as traces; absent where nobody looks at them. */
  readonly tracer?: Tracer | undefined;
  /** Another step machine, in tests that plant a bug. */
  readonly stepMachine?: StepMachine;
}

/** What of the queue a run needs. */
export type RunQueue = Pick<ShardQueue, 'enqueue'>;

/** The parts of a run at work, wired to each other. */
export interface RunParts {
  readonly emit: (event: RunEvent) => void;
  /** Aborted when the run has to end before its last step; the reason says why. */
  readonly ending: AbortController;
  readonly fail: (error: unknown) => void;
  readonly members: Members;
  readonly evaluations: Evaluations;
  readonly publisher: Publisher;
  readonly collector: Collector;
  readonly roster: Roster;
  readonly replica: Replica;
  readonly stateAudit: StateAudit;
  readonly checkpointer: Checkpointer;
  readonly room: RoomOnDisk;
  readonly weights: Weights;
  readonly timelines: Timelines;
  readonly traces: StepTraces;
  readonly log: RunLog;
  /** Milliseconds of training so far, waits of the run left out. */
  readonly activeTime: () => number;
  /** Notes whether the run trains or waits; to be called regularly. */
  readonly lookAtTime: () => void;
  /** Whether a version is evaluated on the test set. */
  readonly isEvaluated: (version: number) => boolean;
  /** Evaluates a version, which must be the newest, beside the training. */
  readonly evaluate: (version: number) => Promise<Evaluation>;
}

const EVALUATION_SHARD = 100;

export function assembleRun(given: RunGiven): RunParts {
  const { options, engine, opened, queue, clock, tracker } = given;
  const { disk, record } = opened.folder;
  const { runId, spec } = record;
  const run = { runId, term: opened.lock.term };
  const log = createRunLog(options.log, run);
  const emit = (event: RunEvent): void => {
    opened.log.write(event);
    tracker?.observe(event, clock.now());
    log.event(event);
    options.onEvent(event);
  };
  const ending = new AbortController();
  const fail = (error: unknown): void => {
    const explained = LockstepError.fromSystem(error, { atWork: true });
    ending.abort(LockstepError.from(explained, 'run-failed'));
  };

  const members = createMembers();
  const { activeTime, activeMoments, lookAtTime } = trainingClocks(clock, () => collector.state);
  const timelines = createTimelines(undefined, () => activeMoments.now());
  const traces = createStepTraces(run, given.tracer);
  const replica = createReplica(engine, opened.version);
  const publisher = createPublisher(replica.engine);
  const evaluations = createEvaluations(
    {
      now: () => clock.now(),
      enqueue: async (tasks) => {
        const jobs = tasks.map((task) => evaluationJob(run, task));
        const attempt = (): Promise<void> => queue.enqueue(jobs);
        await attempt().catch((error: unknown) => collector.loseQueue(error, attempt));
      },
      plan: (version) => planEvaluation(spec.data.testCount, version, EVALUATION_SHARD),
    },
    opened.evaluations,
  );
  // The collector tells the roster of lost workers, the roster tells the collector of gone ones.
  const ports = collectorPorts({
    ...{ run, queue, clock, publisher, replica, emit, ending, fail, traces, log, lookAtTime },
    roster: () => roster,
    takenBefore: ({ shard, attempt }) =>
      collector.state.current?.shards[shard.index]?.attempts[attempt - 2]?.takenBy,
  });
  const collector = createCollector(
    { ...run, committedStep: opened.version },
    {
      ...defaultMachineOptions,
      ...{ minWorkers: options.minWorkers, startsWorkers: options.scaler !== undefined },
      heartbeatTimeoutMs: options.heartbeatTimeoutMs,
      compareContributions: spec.numerics === 'strict',
    },
    ports,
    given.stepMachine,
  );
  // The state audit tells the roster of diverged, the roster tells the state audit of those gone.
  const stateAudit = createStateAudit({
    replica,
    now: () => clock.now(),
    localWorkers: () => members.all().flatMap(({ id, local }) => (local ? [id] : [])),
    diverged: (worker, reason) => roster.gone(worker, 'lost', reason),
    every: options.proveEvery,
  });
  const roster: Roster = createRoster({
    ...{ members, collector, evaluations, stateAudit, onEvent: emit },
    now: () => clock.now(),
  });
  const room = createRoomOnDisk({
    clock,
    ending: ending.signal,
    full: (reason) => {
      emit({ event: 'alarm', code: 'disk-full', message: reason });
      collector.tell({ type: 'disk-full', reason });
    },
    freed: () => void collector.tell({ type: 'disk-freed' }),
  });
  const checkpointer = createCheckpointer({
    disk,
    room,
    replica,
    ledger: opened.ledger,
    specHashAt: (version) => specHashAt(spec, version),
    saved: (checkpoint) => emit({ event: 'checkpoint', ...checkpoint }),
    failed: fail,
  });
  const isEvaluated = (version: number): boolean =>
    version === totalSteps(spec) || version % options.evalEvery === 0;
  return {
    ...{ emit, ending, fail, members, evaluations, publisher, collector, roster },
    ...{ checkpointer, room, timelines, traces, log, replica, stateAudit, lookAtTime },
    activeTime: () => activeTime.now(),
    weights: createWeights(
      ...([replica, stateAudit, publisher, spec] as const),
      { isEvaluated, isSaved: (version) => version % options.checkpointEvery === 0 },
      { timelines, traces },
    ),
    isEvaluated,
    evaluate: (version) => evaluate(version, { ...given, replica, evaluations, room, emit }),
  };
}

/** Evaluates a version that the workers still hold, and saves and reports the result. */
async function evaluate(
  version: number,
  parts: RunGiven & Pick<RunParts, 'replica' | 'evaluations' | 'room' | 'emit'>,
): Promise<Evaluation> {
  const { engine, opened, tracker, replica, evaluations, room, emit } = parts;
  const { disk, record } = opened.folder;
  await replica.at(version, (at) => {
    const pinned = at.run('pin', { version });
    // Asked for in the same turn: the engine is still at this version when it comes to it.
    if (tracker) void recordSpreads(at, tracker);
    return pinned;
  });
  const evaluation = await evaluations.evaluate(version);
  await engine.run('unpin', { version });
  await room.untilRoom(() => saveEvaluation(disk, record.spec, evaluation, MOST_FINISHED));
  const { testAccuracy, testLoss } = evaluation;
  emit({ event: 'evaluation', step: version, testAccuracy, testLoss });
  return evaluation;
}

/** The time of training, by the run's clock and by the clock of timelines. */
function trainingClocks(
  clock: Clock,
  state: () => Collector['state'],
): { activeTime: ActiveTime; activeMoments: ActiveTime; lookAtTime: () => void } {
  const activeTime = createActiveTime(() => clock.now());
  const activeMoments = createActiveTime(() => performance.now());
  const lookAtTime = (): void => {
    const idle = isIdle(state());
    activeTime.look(idle);
    activeMoments.look(idle);
  };
  return { activeTime, activeMoments, lookAtTime };
}

/** Whether a run makes no progress: a pause begins when the open step is committed. */
function isIdle({ condition, current }: Collector['state']): boolean {
  return (
    condition.state === 'waiting-for-workers' ||
    (condition.state === 'paused' && current === undefined)
  );
}

/** A record is no reason for a training to fail. */
async function recordSpreads(engine: Engine, tracker: Tracker): Promise<void> {
  const found = await engine.run('histograms', undefined).catch(() => undefined);
  if (found) tracker.spreads(found.version, found.parameters);
}

/** What the step machine's effects do in the world. */
function collectorPorts(parts: {
  readonly run: { readonly runId: string; readonly term: number };
  readonly queue: RunQueue;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly replica: Replica;
  readonly emit: (event: RunEvent) => void;
  readonly ending: AbortController;
  readonly fail: (error: unknown) => void;
  readonly roster: () => Roster;
  readonly traces: StepTraces;
  readonly log: RunLog;
  readonly lookAtTime: () => void;
  /** Who had taken the attempt before this one. */
  readonly takenBefore: (order: { shard: Shard; attempt: number }) => string | undefined;
}): CollectorPorts {
  const { run, queue, clock, publisher, replica, emit, ending, fail } = parts;
  const { roster, traces, log, lookAtTime } = parts;
  return {
    now: () => clock.now(),
    enqueue: (order) => {
      const { step, index } = order.shard;
      const { attempt, reason } = order;
      if (attempt > 1) {
        emit({ event: 'reissue', step, index, attempt, reason });
        const slow = parts.takenBefore(order);
        if (slow !== undefined) roster().reissued(slow);
      }
      log.queued(order);
      return traces.enqueue(order, (trace) => queue.enqueue([trainJob(run, order, trace)]));
    },
    enqueueAgain: (order) => queue.enqueue([trainJob(run, order)]),
    queueLost: (reason) => emit({ event: 'alarm', code: 'redis-lost', message: reason }),
    queueBack: (attempt, { reason: first, stillLost }) =>
      queueReturns(attempt, ending.signal, clock, {
        reason: first,
        stillLost: (reason) => {
          log.queueStillLost(reason);
          stillLost(reason);
        },
      }),
    conditionChanged: ({ state, reason }) => {
      lookAtTime();
      emit({ event: 'state', state, reason });
      publisher.broadcast(encodeRunStatus(state, reason));
      // Nobody else computes now, and a person may have paused it to look.
      if (state === 'paused') void replica.catchUp();
    },
    workerLost: (worker, reason) => roster().givenUp(worker, 'lost', reason),
    quarantined: (worker, reason) => roster().givenUp(worker, 'quarantined', reason),
    failed: (code, reason) => {
      emit({ event: 'alarm', code, message: reason });
      fail(new LockstepError('run-failed', reason, { remedy: alarmCatalogue[code] }));
    },
  };
}
