import type { RunEvent, RunSpec } from '@lockstep/core';
import type { LossChoice } from '@lockstep/model/objective';
import type { Tracer } from '@lockstep/tracing';
import type { TrackingOptions } from '@lockstep/tracking';
import type { Log } from './run/limited-log.js';
import type { RedisAt } from '@lockstep/queue';
import type { AccessOptions } from './access/access-options.js';
import type { WorkerScaler } from './scaling/worker-scaler.js';

/** The request for a run: its spec, with the names of model and data instead of their content. */
export interface RunRequest extends Omit<
  RunSpec,
  'formatVersion' | 'model' | 'data' | 'steps' | 'optimizer' | 'initSha256'
> {
  /** A built-in's name or the path of a user's model module. */
  readonly model: string;
  /** A data set's name or the path of its folder. */
  readonly data: string;
  /** What the user has set of how they are read. */
  readonly dataSettings: Readonly<Record<string, unknown>>;
  /** A run, by id or path, or the path of a `model.json`, whose weights it begins with. */
  readonly initFrom?: string;
  /**
   * The run's steps, and its optimizer, whose schedule depends on them.
   *
   * @param trainCount training samples of the data
   * @throws LockstepError `bad-option` where the schedule does not fit into the steps
   */
  readonly plan: (trainCount: number) => Pick<RunSpec, 'steps' | 'optimizer'>;
  /** The loss that the options ask for. */
  readonly loss: LossChoice;
}

/** What resuming changes of a run; an absent field stays as it is. */
export interface RunChanges {
  /** The run's new number of steps, for the steps after the last committed one. */
  readonly steps?: number;
  /** Where the run's model file is now. */
  readonly model?: string;
  /** Where the run's data are now. */
  readonly data?: string;
}

/** How a coordinator leads a run; none of these options changes the run's bits. */
export interface CoordinatorOptions {
  /** A new run, or the id or path of the one to resume, optionally from a chosen checkpoint. */
  readonly run:
    | { readonly request: RunRequest }
    | {
        readonly resume: string;
        readonly checkpoint?: number;
        readonly changes?: RunChanges;
      };
  /** The folder that holds the runs. */
  readonly out: string;
  /** Redis' address, or a promise while it is not known yet. */
  readonly redis: RedisAt | Promise<RedisAt>;
  /** `host:port` for workers; port 0 picks a free one. */
  readonly grpc: string;
  /** Whether workers are served on a free port if that one is in use. */
  readonly grpcMayMove?: boolean;
  /** `host:port` of the HTTP API; port 0 picks a free one; absent: no HTTP API. */
  readonly http?: string;
  /** Whether the HTTP API listens on a free port if that one is taken. */
  readonly httpMayMove?: boolean;
  /** `host:port` of a listener for probes only; absent: the HTTP API alone answers them. */
  readonly probes?: string;
  /** The folder of the built dashboard; absent: no dashboard. */
  readonly dashboard?: string;
  /** Who may reach it; absent: every process on this machine, and no other. */
  readonly access?: AccessOptions;
  /** Starts and drains workers on request; absent: workers are started manually. */
  readonly scaler?: WorkerScaler;
  /** Steps between two evaluations on the test set; the last step is always evaluated. */
  readonly evalEvery: number;
  /** Steps between two checkpoints; the last step is always saved. */
  readonly checkpointEvery: number;
  /** Most steps between two proofs that all workers hold the same weights. */
  readonly proveEvery: number;
  readonly minWorkers: number;
  readonly heartbeatTimeoutMs: number;
  /** Whether it continues to serve the HTTP API after the run has ended, until it is stopped. */
  readonly stays?: boolean;
  /** What to do with a run that learns nothing. */
  readonly onAlarm: 'stop' | 'continue';
  /** Where the run is recorded in addition to its own folder. */
  readonly tracking?: TrackingOptions;
  /** Records traces; its owner closes it. */
  readonly tracer?: Tracer;
  /** Absent: nothing is logged. */
  readonly log?: Log;
  readonly onEvent: (event: RunEvent) => void;
}
