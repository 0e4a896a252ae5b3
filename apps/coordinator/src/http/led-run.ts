import type { ShardQueue } from '@lockstep/queue';
import type { NetworkLook } from './network/network-look.js';
import type { QueueView } from '@lockstep/queue/view';
import type { WorkerScaler } from '../scaling/worker-scaler.js';
import type { RunParts } from '../run/assemble-run.js';
import type { StepShell } from '../steps/step-shell.js';
import type { WorkerRegistry } from '../workers/worker-registry.js';
import type { RunFolder } from '@lockstep/store';

/** A run in this coordinator's hands, as far as the HTTP side sees and steers it. */
export interface LedRun {
  readonly folder: RunFolder;
  readonly service: Pick<RunParts, 'spec' | 'description' | 'numerics' | 'timelines' | 'emit'> & {
    readonly collector: Pick<StepShell, 'state' | 'options' | 'handle' | 'drain'>;
    readonly roster: Pick<WorkerRegistry, 'figures' | 'log' | 'verdicts'>;
    readonly evaluations: Pick<RunParts['evaluations'], 'finished'>;
  };
  readonly network: NetworkLook;
  readonly queue: Pick<ShardQueue, 'counts' | 'health'>;
  /** Opens the queue for a person to look into. */
  viewQueue(): Promise<QueueView>;
  /** Absent where nobody but a person can start workers. */
  readonly scaler?: WorkerScaler;
  /** How many workers a person asked for last; absent before anybody did. */
  readonly wantedWorkers: number | undefined;
  /** Whether it has been asked to stop. */
  readonly stopping: boolean;
  /** Whether it is still there to be looked at when it has ended. */
  readonly stays: boolean;
  /** Ends it in good order. */
  stop(reason: string): void;
  /** Resolves when it has ended and is saved. */
  readonly ended: Promise<void>;
}
