export type { AccessOptions } from './access/access-options.js';
export { startCoordinator, type Coordinator } from './coordinator.js';
export type { CoordinatorOptions, RunChanges, RunRequest } from './coordinator-options.js';
export type { RunGiven, RunParts } from './run/assemble-run.js';
export { describeRun } from './run/describe-run.js';
export { modelCheckpoint, type ModelCheckpoint } from './run/model-checkpoint.js';
export { takeUp } from './run/open-run.js';
export { probeNumerics } from './run/probe-numerics.js';
export { leadRun, type Outcome } from './run/run.js';
export { createService, type ServiceParts } from './service/coordinator-service.js';
export { Replica } from './state/replica.js';
export { Arbiter, type ArbiterParts } from './steps/arbiter.js';
export { ACCURACY_EVERY } from './steps/shard-jobs.js';
export type { StepMachine } from './steps/step-shell-parts.js';
export {
  listCheckpoints,
  loadCheckpoint,
  loadLastCheckpoint,
  type Checkpoint,
} from '@lockstep/store';
export { newestRun, openRunFolder, type RunFolder, type RunRecord } from '@lockstep/store';
export { readInitialWeights, readLedger, type LedgerEntry } from '@lockstep/store';
export { KubernetesScaler } from './scaling/kubernetes-scaler.js';
export type { ScaleTarget } from './scaling/scale-target.js';
export type { WorkerScaler } from './scaling/worker-scaler.js';
