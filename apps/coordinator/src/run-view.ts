import {
  type Clock,
  type Evaluation,
  type MachineState,
  stragglerDeadlineMs,
  type Verdict,
  type WorkerProgress,
} from '@lockstep/core';
import {
  type LedRun,
  NetworkInspector,
  type RunCommands,
  type RunStatus,
  type RunView,
  type TimelineSource,
  type WorkerCounts,
  type WorkerView,
} from '@lockstep/observe';
import type { LogLine } from '@lockstep/protocol';
import type { RunFolder } from '@lockstep/store';
import type { WorkerScaler } from './scaling/worker-scaler.js';
import type { RunParts } from './run/assemble-run.js';
import type { Violations } from './service/violations.js';

/** The parts of a coordinator that its API, metrics and page read and control. */
export interface ObservedParts
  extends
    Pick<LedRun, 'queue' | 'openQueueView' | 'limitedCalls'>,
    Pick<RunParts, 'numerics' | 'steps' | 'workers' | 'timelines' | 'emit'> {
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly folder: RunFolder;
  readonly evaluations: Pick<RunParts['evaluations'], 'finished'>;
  readonly replica: Pick<RunParts['replica'], 'recent'>;
  readonly model: Pick<RunParts['model'], 'pinned'>;
  readonly violations: Pick<Violations, 'counts'>;
  readonly scaler: WorkerScaler | undefined;
  /** Aborted, with a reason, to end the run. */
  readonly stopping: AbortController;
}

/** What libs/observe shows of the run that this coordinator leads. */
export function observedRun(parts: ObservedParts): LedRun {
  const { queue, openQueueView, limitedCalls, replica, folder, model } = parts;
  const network = new NetworkInspector(
    { run: (command, argument) => replica.recent(command, argument) },
    folder.record,
    () => model.pinned,
  );
  return {
    view: new LiveRunView(parts),
    commands: commandsOf(parts),
    network,
    queue,
    openQueueView,
    limitedCalls,
  };
}

/** Reads the step machine's state and the workers' figures. */
class LiveRunView implements RunView {
  readonly folder: RunFolder;
  readonly fingerprint: string;
  readonly timelines: TimelineSource;
  readonly #parts: Pick<
    ObservedParts,
    'clock' | 'steps' | 'workers' | 'evaluations' | 'violations' | 'stopping'
  >;

  constructor(parts: ObservedParts) {
    this.folder = parts.folder;
    this.fingerprint = parts.numerics.fingerprint;
    this.timelines = parts.timelines;
    this.#parts = parts;
  }

  get status(): RunStatus {
    const { state, stateSince } = this.#parts.steps;
    return { ...state, condition: { ...state.condition, since: stateSince.at } };
  }

  get inStateMs(): number {
    return this.#parts.clock.monotonicNow() - this.#parts.steps.stateSince.monotonicMs;
  }

  get stopping(): boolean {
    return this.#parts.stopping.signal.aborted;
  }

  get shardDeadlineMs(): number {
    const { state, options } = this.#parts.steps;
    return stragglerDeadlineMs(state.shardTimes, options);
  }

  workers(): readonly WorkerView[] {
    const { steps, clock } = this.#parts;
    const { state } = steps;
    const now = clock.monotonicNow();
    return this.#parts.workers.figures().map((figures): WorkerView => {
      const progress = figures.departure ? undefined : state.workers.get(figures.worker.id);
      return progress ? { ...figures, ...placeOf(progress, state, now) } : figures;
    });
  }

  workerCounts(): WorkerCounts {
    const counts = { joining: 0, ready: 0, quarantined: 0 };
    for (const { state } of this.#parts.steps.state.workers.values()) counts[state] += 1;
    return counts;
  }

  workerLog(id: string): readonly LogLine[] | undefined {
    return this.#parts.workers.log(id);
  }

  verdicts(): Readonly<Partial<Record<Verdict, number>>> {
    return this.#parts.workers.verdicts();
  }

  violations(): Readonly<Record<string, number>> {
    return this.#parts.violations.counts;
  }

  evaluations(): Promise<readonly Evaluation[]> {
    return Promise.resolve(this.#parts.evaluations.finished);
  }
}

/** A worker's state and the shard that it computes, by the step machine. */
function placeOf(
  { id, state, holding }: WorkerProgress,
  { current }: MachineState,
  now: number,
): Pick<WorkerView, 'state' | 'currentShard' | 'takenForMs'> {
  if (!holding) return { state };
  const shard = current?.step === holding.step ? current.shards[holding.index] : undefined;
  const attempt = shard?.attempts[holding.attempt - 1];
  const isExpected = attempt?.takenBy === id && !attempt.ended && attempt.takenAt !== undefined;
  return { state, currentShard: holding, ...(isExpected && { takenForMs: now - attempt.takenAt }) };
}

/** Turns a user's commands into events of the step machine, and requests to scaler and workers. */
function commandsOf({ steps, emit, scaler, stopping }: ObservedParts): RunCommands {
  return {
    pause: (reason) => void steps.handle({ type: 'paused', reason }),
    resume: () => void steps.handle({ type: 'resumed' }),
    stop: (reason) => stopping.abort(reason),
    ...(scaler && { scaler }),
    scaleTo: async (workers, reason) => {
      await scaler?.scaleTo(workers);
      emit({ event: 'scaled', workers, reason });
    },
    drain: async (worker, reason) => {
      const outcome = steps.drain(worker, reason);
      if (outcome === 'asked') await scaler?.retireWorker?.(worker);
      return outcome;
    },
  };
}
