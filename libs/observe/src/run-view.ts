import type {
  Evaluation,
  MachineState,
  RunCondition,
  Verdict,
  WorkerProgress,
} from '@lockstep/core';
import type { LogLine } from '@lockstep/protocol';
import type { ShardQueue } from '@lockstep/queue';
import type { QueueView } from '@lockstep/queue/view';
import type { RunFolder } from '@lockstep/store';
import type { NetworkInspector } from './network/network-inspector.js';
import type { StepTimeline } from './steps/step-timeline.js';
import type { WorkerFigures } from './workers/worker-figures.js';

/**
 * A run as it can be read: everything that the API, the metrics and the page show beside the run's
 * events. A coordinator implements it for the run it leads, `StoredRun` for a run's folder.
 */
export interface RunView {
  readonly folder: RunFolder;
  readonly status: RunStatus;
  /** How long the run has been in its state, in milliseconds. */
  readonly inStateMs: number;
  /** Whether the run has been asked to stop. */
  readonly stopping: boolean;
  /** The numerics fingerprint; empty where it is not known. */
  readonly fingerprint: string;
  /** Connected workers in the order they joined, then those that left or were refused lately. */
  workers(): readonly WorkerView[];
  /** Workers by their state in the step machine. */
  workerCounts(): WorkerCounts;
  /** A worker's newest log lines, oldest first; undefined for an unknown worker. */
  workerLog(id: string): readonly LogLine[] | undefined;
  /** Milliseconds after which a shard is issued again. */
  readonly shardDeadlineMs: number;
  /** Contributions so far by verdict, including those of workers that have left. */
  verdicts(): Readonly<Partial<Record<Verdict, number>>>;
  /** Messages that the protocol does not allow, by name; each was refused. */
  violations(): Readonly<Record<string, number>>;
  readonly timelines: TimelineSource;
  /** The last evaluations on the test set, newest last. */
  evaluations(): Promise<readonly Evaluation[]>;
}

/** The step machine's state as far as it is shown. */
export interface RunStatus extends Pick<
  MachineState,
  'term' | 'committedStep' | 'pausedBecause' | 'queueLostBecause' | 'diskFullBecause'
> {
  readonly condition: ShownCondition;
}

export interface ShownCondition extends RunCondition {
  /** When the run entered its state, in milliseconds since the epoch. */
  readonly since: number;
}

/** A worker's figures, and its place in the step machine. */
export interface WorkerView extends WorkerFigures {
  /** Absent for a worker that has left. */
  readonly state?: WorkerProgress['state'];
  /** The shard attempt that it computes. */
  readonly currentShard?: {
    readonly step: number;
    readonly index: number;
    readonly attempt: number;
  };
  /** For how long, in milliseconds; absent once nothing is expected of the attempt. */
  readonly takenForMs?: number;
}

export type WorkerCounts = Readonly<Record<WorkerProgress['state'], number>>;

/** Where the time of the newest steps went. */
export interface TimelineSource {
  /** In step order. */
  readonly newest: readonly StepTimeline[];
  /** Calls the listener with each step as it is closed. */
  subscribe(listener: (timeline: StepTimeline) => void): void;
}

/** The commands that a user may give to a run that is being led. */
export interface RunCommands {
  /** Finishes the open step and opens no further one. */
  pause(reason: string): void;
  resume(): void;
  /** Begins to end the run: saves its state, then stops. */
  stop(reason: string): void;
  /** How workers are started and drained on request; absent where users start them. */
  readonly scaler?: { readonly kind: 'local' | 'kubernetes'; readonly target?: string };
  /**
   * Requests a number of workers; resolves once the request is accepted, before they are connected.
   *
   * @throws LockstepError `cannot-scale`
   */
  scaleTo(count: number, reason: string): Promise<void>;
  /**
   * Asks a worker to finish its shard and leave; `absent` where it has no update stream.
   *
   * @throws LockstepError `cannot-scale` where the scaler would replace it
   */
  drain(worker: string, reason: string): Promise<'asked' | 'asked-before' | 'absent'>;
}

/** What a coordinator shows of the run that it leads. */
export interface LedRun {
  readonly view: RunView;
  readonly commands: RunCommands;
  readonly network: NetworkInspector;
  readonly queue: Pick<ShardQueue, 'counts' | 'health'>;
  /** gRPC calls that were ended since a rate limit was reached, by limit. */
  readonly limitedCalls: () => Readonly<Record<string, number>>;
  /** Opens the queue for bull-board, over a connection of its own. */
  readonly openQueueView: () => Promise<QueueView>;
}
