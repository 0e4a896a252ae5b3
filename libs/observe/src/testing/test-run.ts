import {
  advance,
  defaultMachineOptions,
  type Evaluation,
  initialMachineState,
  type MachineEvent,
  type MachineState,
  type RunEvent,
  stragglerDeadlineMs,
  type Verdict,
} from '@lockstep/core';
import type { LogLine } from '@lockstep/protocol';
import type { RunFolder } from '@lockstep/store';
import type {
  RunCommands,
  RunStatus,
  RunView,
  TimelineSource,
  WorkerCounts,
  WorkerView,
} from '../run-view.js';
import type { StepTimeline } from '../steps/step-timeline.js';
import type { WorkerFigures } from '../workers/worker-figures.js';

const NO_FIGURES: Omit<WorkerFigures, 'worker' | 'departure'> = {
  ...{ draining: false, lastHeardAt: 0, silentMs: 0, heartbeat: undefined },
  ...{ countedSamples: 0, countedShards: 0, countedByAll: 0, samplesPerSecond: 0 },
  ...{ shardMs: undefined, cores: undefined, reissues: 0, refusals: {} },
};

/** A run without training: the real step machine, with figures that a spec sets. */
export class TestRun implements RunView, RunCommands {
  readonly folder: RunFolder;
  readonly fingerprint = 'bb';
  readonly figures = new Map<string, WorkerFigures>();
  readonly logs = new Map<string, readonly LogLine[]>();
  readonly counts: Partial<Record<Verdict, number>> = {};
  readonly refusedMessages: Record<string, number> = {};
  readonly finished: Evaluation[] = [];
  readonly timelines = new TestTimelines();
  readonly scaler?: { readonly kind: 'local' };
  inStateMs = 0;
  /** Why the run was asked to stop. */
  stoppedBecause: string | undefined;
  readonly #emit: (event: RunEvent) => void;
  readonly #scaleTo: ((count: number) => Promise<void>) | undefined;
  #state: MachineState;

  constructor(
    folder: RunFolder,
    emit: (event: RunEvent) => void,
    scaleTo?: (count: number) => Promise<void>,
  ) {
    this.folder = folder;
    this.#emit = emit;
    this.#scaleTo = scaleTo;
    if (scaleTo) this.scaler = { kind: 'local' };
    const run = { runId: folder.record.runId, term: 1, committedStep: 0 };
    this.#state = initialMachineState(run);
  }

  /** Sends an event to the step machine. */
  tell(event: MachineEvent): void {
    const { state, effects } = advance(
      this.#state,
      event,
      performance.now(),
      defaultMachineOptions,
    );
    this.#state = state;
    for (const effect of effects) {
      if (effect.type !== 'condition') continue;
      const { state: name, reason } = effect.condition;
      this.#emit({ event: 'state', state: name, reason });
    }
  }

  /** A worker joins and is ready. */
  join(id: string, figures: Partial<WorkerFigures> = {}): void {
    this.tell({ type: 'worker-joined', worker: id });
    this.tell({ type: 'worker-heard', worker: id, ready: true });
    this.#emit({
      event: 'worker',
      id,
      pid: 7,
      host: 'h',
      state: 'joined',
      reason: 'native backend',
    });
    const worker = { id, host: 'h', pid: 7, backend: 'native', joinedAt: Date.now() };
    this.figures.set(id, { ...NO_FIGURES, worker, ...figures });
  }

  /** A worker leaves, or is refused. */
  depart(id: string, how: 'lost' | 'left' | 'refused', reason: string, host = 'h'): void {
    const worker = { id, host, pid: 7, backend: 'wasm', joinedAt: 0 };
    const before = this.figures.get(id) ?? { ...NO_FIGURES, worker };
    this.figures.set(id, { ...before, departure: { how, reason } });
    if (how !== 'refused') this.tell({ type: 'worker-gone', worker: id, how, reason });
    this.#emit({ event: 'worker', id, pid: 7, host, state: how, reason });
  }

  get status(): RunStatus {
    return { ...this.#state, condition: { ...this.#state.condition, since: 0 } };
  }

  get stopping(): boolean {
    return this.stoppedBecause !== undefined;
  }

  get shardDeadlineMs(): number {
    return stragglerDeadlineMs(this.#state.shardTimes, defaultMachineOptions);
  }

  workers(): readonly WorkerView[] {
    return [...this.figures.values()].map((figures) => {
      const progress = this.#state.workers.get(figures.worker.id);
      return figures.departure || !progress ? figures : { ...figures, state: progress.state };
    });
  }

  workerCounts(): WorkerCounts {
    const counts = { joining: 0, ready: 0, quarantined: 0 };
    for (const { state } of this.#state.workers.values()) counts[state] += 1;
    return counts;
  }

  workerLog(id: string): readonly LogLine[] | undefined {
    return this.logs.get(id);
  }

  verdicts(): Partial<Record<Verdict, number>> {
    return this.counts;
  }

  violations(): Record<string, number> {
    return this.refusedMessages;
  }

  evaluations(): Promise<readonly Evaluation[]> {
    return Promise.resolve(this.finished);
  }

  pause(reason: string): void {
    this.tell({ type: 'paused', reason });
  }

  resume(): void {
    this.tell({ type: 'resumed' });
  }

  stop(reason: string): void {
    this.stoppedBecause = reason;
  }

  async scaleTo(workers: number, reason: string): Promise<void> {
    await this.#scaleTo?.(workers);
    this.#emit({ event: 'scaled', workers, reason });
  }

  drain(): Promise<'absent'> {
    return Promise.resolve('absent');
  }
}

/** Timelines that a spec adds. */
class TestTimelines implements TimelineSource {
  readonly newest: StepTimeline[] = [];
  readonly #listeners: ((timeline: StepTimeline) => void)[] = [];

  subscribe(listener: (timeline: StepTimeline) => void): void {
    this.#listeners.push(listener);
  }

  /** A step of one shard, whose worker computed for 20 ms, sent to two followers. */
  add(
    step: number,
    { payloadBytes = 100, ...more }: Partial<StepTimeline> & { payloadBytes?: number } = {},
  ): void {
    const timings = {
      ...{ idleMs: 0, waitMs: 0, decodeMs: 0, applyMs: 0 },
      ...{ computeMs: 20, encodeMs: 0, grantMs: 0, takeToSendMs: 20 },
    };
    const shard = {
      ...{ index: 0, worker: 'w1', attempt: 1, takenAt: 0, receivedAt: 20, judgedAt: 20 },
      ...{ checkMs: 0, payloadBytes, timings },
    };
    const timeline: StepTimeline = {
      ...{ step, openedAt: 0, recordedAt: 21, reducedAt: 22, publishedAt: 23, wallMs: 24 },
      ...{ reduceMs: 1, encodeMs: 1, updateBytes: 150, followers: 2, shards: [shard], ...more },
    };
    this.newest.push(timeline);
    for (const listener of this.#listeners) listener(timeline);
  }
}
