import type { RunState } from './run-state.js';
import type { SelectionRule } from './selection.js';

/** Part of events that workers can cause as often as they like. */
interface MayBeLimited {
  /**
   * How many events of the same kind were left out before this one, since they came too often; absent
   * if none was.
   */
  readonly omitted?: number;
}

/** Figures of a network's quality, by their names in the RunSpec: `{ accuracy: 0.98 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** Where the weights come from that a run begins with. */
export interface InitialOrigin {
  /** As the user gave it: a run, or the path of a `model.json`. */
  readonly from: string;
  /** Parameters and buffers that were taken. */
  readonly taken: number;
  /** Names of those that were not given and begin with new values. */
  readonly fresh: readonly string[];
}

/** The best evaluation of a run. */
export interface BestEvaluation {
  readonly step: number;
  /** The run's first metric, and its value. */
  readonly metric: string;
  readonly value: number;
}

/** The version with a run's best evaluation. */
export interface BestVersion extends BestEvaluation {
  readonly weightsSha256: string;
}

export type WorkerEventState = 'joined' | 'lost' | 'left' | 'refused' | 'quarantined';

/**
 * The events of a run, as `--json` prints them one a line, `events.jsonl` keeps them and
 * `/api/events` sends them. Fields may be added, never changed.
 */
export type RunEvent =
  /** The coordinator can be reached; comes before everything else. */
  | {
      readonly event: 'listening';
      readonly grpc: string;
      readonly http?: string;
      readonly dashboard?: string;
      /** The usual HTTP address, where another program has it and another port is used instead. */
      readonly taken?: string;
    }
  | {
      readonly event: 'run-started';
      readonly runId: string;
      readonly resumedAt?: number;
      /** Grows each time a coordinator takes over the run. */
      readonly term?: number;
      readonly model: string;
      readonly parameterCount: number;
      readonly data: string;
      readonly trainCount: number;
      readonly testCount: number;
      /** Of one sample: [height, width, channels] of a picture. */
      readonly inputShape: readonly number[];
      /** Absent for a regression. */
      readonly classes?: number;
      /** Values of a target; absent for a classification. */
      readonly values?: number;
      /** Labels below `classes` that no training sample has; absent where that is not known. */
      readonly unusedLabels?: readonly number[];
      /** Names of the classes, in order; absent where the data have only numbers. */
      readonly classNames?: readonly string[];
      /** What was understood of the data's files, a line each. */
      readonly dataNotes?: readonly string[];
      /** The given weights that the run begins with; absent where it begins with those of its seed. */
      readonly initial?: InitialOrigin;
      /** How evaluations end the run and choose its model; absent: they do neither. */
      readonly selection?: SelectionRule;
      /** Steps so far that changed nothing, since their gradient is not finite; absent: none. */
      readonly skippedSteps?: number;
      readonly steps: number;
      readonly batch: number;
      readonly shardsPerStep: number;
      readonly usefulWorkers: number;
      readonly backend: string;
      readonly fingerprint: string;
      readonly numerics: string;
      readonly folder: string;
    }
  | ({ readonly event: 'state'; readonly state: RunState; readonly reason: string } & MayBeLimited)
  | {
      readonly event: 'step';
      readonly step: number;
      /** Mean over the step's batch. */
      readonly loss: number;
      /** Without dropout, before the update; on every 100th step. */
      readonly trainAccuracy?: number;
      readonly samplesPerSecond: number;
      /** Milliseconds since the step before it, waits of the run left out. */
      readonly stepMs?: number;
      readonly workers: number;
      readonly learningRate?: number;
    }
  | {
      readonly event: 'evaluation';
      readonly step: number;
      /** Of a classification. */
      readonly testAccuracy?: number;
      readonly testLoss: number;
      /** Each metric of the run on the test set, by name. */
      readonly metrics: Metrics;
      /** The best evaluation so far, this one included, where evaluations decide about the run. */
      readonly best?: BestEvaluation;
    }
  | ({
      readonly event: 'worker';
      readonly id: string;
      readonly pid: number;
      readonly host: string;
      readonly state: WorkerEventState;
      readonly reason: string;
    } & MayBeLimited)
  /** Another number of workers was requested. */
  | { readonly event: 'scaled'; readonly workers: number; readonly reason: string }
  | {
      readonly event: 'checkpoint';
      readonly step: number;
      readonly bytes: number;
      readonly milliseconds: number;
    }
  | ({
      readonly event: 'reissue';
      readonly step: number;
      readonly index: number;
      readonly attempt: number;
      readonly reason: string;
    } & MayBeLimited)
  | ({
      readonly event: 'alarm';
      readonly code: string;
      readonly message: string;
      /** Of `step-skipped`: how many steps were skipped so far. */
      readonly skippedSteps?: number;
    } & MayBeLimited)
  | {
      readonly event: 'run-finished';
      readonly runId: string;
      readonly step: number;
      /** Of a classification. */
      readonly testAccuracy?: number;
      /** As in the last evaluation. */
      readonly metrics: Metrics;
      readonly weightsSha256: string;
      /** The version that is saved as the model, where that is the best evaluation's. */
      readonly best?: BestVersion;
      /** Steps that changed nothing, since their gradient is not finite; absent: none. */
      readonly skippedSteps?: number;
      readonly seconds: number;
      readonly model: string;
    };
