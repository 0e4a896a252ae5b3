import type { RunEvent, RunSpec } from '@lockstep/core';
import type { Tracer } from '@lockstep/tracing';
import type { TrackingOptions } from '@lockstep/tracking';
import type { Log } from './run/run-log.js';
import type { RedisAt } from '@lockstep/queue';
import type { AccessOptions } from './access/access-options.js';
import type { WorkerScaler } from './scaling/worker-scaler.js';

/** What a run is to be: its spec, with the names of model and data where their content will stand. */
export interface RunRequest extends Omit<RunSpec, 'formatVersion' | 'model' | 'data'> {
  /** A built-in's name or the path of a user's model module. */
  readonly model: string;
  /** A data set's name or the path of its folder. */
  readonly data: string;
}

/** What resuming changes of a run; what is absent stays as it is. */
export interface RunChanges {
  /** The run's new number of steps, for the steps after the last committed one. */
  readonly steps?: number;
  /** Where the run's model file is now. */
  readonly model?: string;
  /** Where the run's data are now. */
  readonly data?: string;
}

/** How this coordinator is to lead it; none of these changes the run's bits. */
export interface CoordinatorOptions {
  /** A new run, or the id or path of one to resume, from a checkpoint of the user's choice. */
  readonly run:
    | { readonly request: RunRequest }
    | {
        readonly resume: string;
        readonly checkpoint?: number;
        readonly changes?: RunChanges;
      };
  /** The folder that holds the runs. */
  readonly out: string;
  /** Its address, if need be once it is known. */
  readonly redis: RedisAt | Promise<RedisAt>;
  /** `host:port` for workers; port 0 picks a free one. */
  readonly grpc: string;
  /** `host:port` of the HTTP API; port 0 picks a free one, absent: none is served. */
  readonly http?: string;
  /** Whether the HTTP API listens on any free port where that one is taken. */
  readonly httpMayMove?: boolean;
  /** The folder of the built dashboard, served beside the API; absent: none is. */
  readonly dashboard?: string;
  /** Who may reach it; absent: everybody on this machine, and nobody else. */
  readonly access?: AccessOptions;
  /** What starts and drains workers when a person asks for it; absent: people do. */
  readonly scaler?: WorkerScaler;
  /** Steps between two evaluations on the test set; the last step is always evaluated. */
  readonly evalEvery: number;
  /** Steps between two checkpoints; the last step is always saved. */
  readonly checkpointEvery: number;
  /** Most steps between two proofs that all workers hold the same weights. */
  readonly proveEvery: number;
  readonly minWorkers: number;
  readonly heartbeatTimeoutMs: number;
  /** Whether it is still there to be looked at when the run has ended, until it is asked to stop. */
  readonly stays?: boolean;
  /** What to do when the run learns nothing. */
  readonly onAlarm: 'stop' | 'continue';
  /** Where the run is recorded beside its own folder. */
  readonly tracking?: TrackingOptions;
  /** Records what happens as traces; whoever gave it closes it. */
  readonly tracer?: Tracer;
  /** Its log; absent where nobody reads it. */
  readonly log?: Log;
  readonly onEvent: (event: RunEvent) => void;
}
