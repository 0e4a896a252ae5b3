import type { advance, Clock, MachineOptions, RunEvent, RunSpec } from '@lockstep/core';
import type { ShardQueue } from '@lockstep/queue';
import type { LedgerEntry } from '@lockstep/store';
import type { TrainingTime } from '../run/active-time.js';
import type { RunEnding } from '../run/run-end.js';
import type { RunLog } from '../run/run-log.js';
import type { Replica } from '../state/replica.js';
import type { UpdateStream } from '../state/update-stream.js';
import type { Timelines } from '../timeline/timelines.js';
import type { StepTraces } from '../tracing/step-traces.js';
import type { WorkerRegistry } from '../workers/worker-registry.js';
import type { Arbiter } from './arbiter.js';

/** The pure decisions, see `advance`. */
export type StepMachine = typeof advance;

/** What the step shell applies effects to, and what it reports to. */
export interface StepShellParts {
  readonly run: { readonly runId: string; readonly term: number; readonly committedStep: number };
  readonly spec: RunSpec;
  /** Lines that the ledger holds beyond the version that the run continues from, by step. */
  readonly recorded: ReadonlyMap<number, LedgerEntry>;
  readonly options: MachineOptions;
  readonly clock: Clock;
  readonly workers: WorkerRegistry;
  readonly queue: Pick<ShardQueue, 'enqueue'>;
  readonly updateStream: Pick<UpdateStream, 'broadcast'>;
  readonly replica: Pick<Replica, 'catchUp'>;
  readonly arbiter: Pick<Arbiter, 'compute'>;
  readonly ending: RunEnding;
  readonly emit: (event: RunEvent) => void;
  readonly log: RunLog;
  readonly time: TrainingTime;
  readonly timelines: Timelines;
  readonly traces: StepTraces;
  /** Replaces `advance` in tests that plant a bug. */
  readonly stepMachine?: StepMachine | undefined;
}
