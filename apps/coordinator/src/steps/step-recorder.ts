import {
  LockstepError,
  sumByTree,
  type Contribution,
  type RunEvent,
  type RunSpec,
} from '@lockstep/core';
import type { Ledger, LedgerEntry } from '@lockstep/store';
import type { Selection } from '../run/selection.js';
import type { TrainingTime } from '../run/active-time.js';
import type { RunEnding } from '../run/run-end.js';
import type { DiskSpace } from '../state/disk-space.js';
import type { Timelines } from '../timeline/timelines.js';
import type { StepTraces } from '../tracing/step-traces.js';
import type { WorkerRegistry } from '../workers/worker-registry.js';
import { chanceOf, LearningWatch } from './learning-watch.js';
import { Progress } from './progress.js';

export interface StepRecorderParts {
  readonly spec: RunSpec;
  readonly term: number;
  readonly ledger: Pick<Ledger, 'append'>;
  /** Steps that the ledger holds already: they are computed again after a restart. */
  readonly recorded: Pick<ReadonlyMap<number, LedgerEntry>, 'has'>;
  readonly onAlarm: 'stop' | 'continue';
  readonly diskSpace: DiskSpace;
  readonly workers: Pick<WorkerRegistry, 'present'>;
  readonly ending: Pick<RunEnding, 'fail'>;
  readonly emit: (event: RunEvent) => void;
  readonly time: TrainingTime;
  readonly timelines: Pick<Timelines, 'recorded'>;
  readonly traces: Pick<StepTraces, 'during'>;
  readonly selection: Pick<Selection, 'at'>;
  /** How many of the steps so far were skipped. */
  readonly skippedSteps: number;
}

/** Records committed steps: in the ledger, then as events. */
export class StepRecorder {
  readonly #parts: StepRecorderParts;
  readonly #progress: Progress;
  readonly #watch: LearningWatch;
  #skippedSteps: number;

  constructor(parts: StepRecorderParts) {
    this.#parts = parts;
    this.#progress = new Progress(parts.spec, parts.time);
    this.#watch = new LearningWatch(chanceOf(parts.spec));
    this.#skippedSteps = parts.skippedSteps;
  }

  /** Steps so far that changed nothing, since their gradient is not finite. */
  get skippedSteps(): number {
    return this.#skippedSteps;
  }

  /**
   * Records a step before it is applied; waits while the disk is full.
   *
   * @param contributions the counted ones, in shard order
   * @param isSkipped whether its gradient is not finite, so that it changes nothing
   * @throws LockstepError `internal`
   */
  record(step: number, contributions: readonly Contribution[], isSkipped: boolean): Promise<void> {
    const { diskSpace, workers, ending, emit, timelines, traces, onAlarm } = this.#parts;
    return traces.during('record', async () => {
      await diskSpace.untilFree(() => this.#append(step, contributions, isSkipped));
      const figures = this.#progress.committed(step, contributions, workers.present().length);
      if (isSkipped) this.#skippedSteps += 1;
      emit(isSkipped ? skipped(step, this.#skippedSteps) : figures.event);
      const alarm = isSkipped ? this.#watch.skipped() : this.#watch.observe(figures);
      if (alarm) emit({ event: 'alarm', ...alarm });
      if (alarm && onAlarm === 'stop') ending.fail(notLearning(alarm.message));
      timelines.recorded();
    });
  }

  #append(step: number, contributions: readonly Contribution[], isSkipped: boolean): void {
    const { term, ledger, recorded, selection } = this.#parts;
    if (recorded.has(step)) return;
    const evaluation = selection.at(step - 1);
    ledger.append({
      ...entryOf(step, term, contributions),
      ...(isSkipped && { skipped: true }),
      ...(evaluation && { evaluation }),
    });
  }
}

function entryOf(step: number, term: number, contributions: readonly Contribution[]): LedgerEntry {
  const samples = contributions.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
  const loss = sumByTree(contributions.map(({ lossSum }) => lossSum)) / samples;
  return {
    step,
    term,
    shards: contributions.map(({ index, sampleCount, workerId, attempt, sha256 }) => ({
      index,
      sampleCount,
      worker: workerId,
      attempt,
      sha256,
    })),
    loss: Number.isFinite(loss) ? loss : null,
  };
}

function skipped(step: number, skippedSteps: number): RunEvent {
  const message = `the gradient of step ${step} is not finite: the step changes nothing`;
  return { event: 'alarm', code: 'step-skipped', message, skippedSteps };
}

function notLearning(message: string): LockstepError {
  return new LockstepError('run-failed', message, {
    remedy: 'pass --on-alarm continue to train despite the alarm',
  });
}
