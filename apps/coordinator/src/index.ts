export type { AccessOptions } from './access/access-options.js';
export { startCoordinator, type Coordinator } from './coordinator.js';
export type { CoordinatorOptions, RunChanges, RunRequest } from './coordinator-options.js';
export type { Outcome } from './run/run.js';
export { ACCURACY_EVERY } from './steps/shard-jobs.js';
export {
  listCheckpoints,
  loadCheckpoint,
  loadLastCheckpoint,
  type Checkpoint,
} from '@lockstep/store';
export { newestRun, openRunFolder, type RunFolder, type RunRecord } from '@lockstep/store';
export { readLedger, type LedgerEntry } from '@lockstep/store';
export { createKubernetesScaler } from './scaling/kubernetes-scaler.js';
export type { ScaleTarget } from './scaling/scale-target.js';
export type { WorkerScaler } from './scaling/worker-scaler.js';
