export { startCoordinator, type Coordinator } from './coordinator.js';
export type { CoordinatorOptions, RunRequest } from './coordinator-options.js';
export type { Outcome } from './lead-run.js';
export { ACCURACY_EVERY } from './shard-jobs.js';
export {
  listCheckpoints,
  loadCheckpoint,
  loadLastCheckpoint,
  type Checkpoint,
} from './store/checkpoints.js';
export { openRunFolder, type RunFolder, type RunRecord } from './store/run-folder.js';
export { readLedger, type LedgerEntry } from './store/ledger.js';
export { phaseNames, stepPhases, type PhaseName, type StepPhases } from './timeline/step-phases.js';
export type { ShardTimeline, StepTimeline } from './timeline/step-timeline.js';
export type { WorkerScaler } from './scaling/worker-scaler.js';
export type {
  ControlAnswer,
  Problem,
  RunReport,
  StepTimelineRow,
  TimelineReport,
  ScaleAnswer,
  WorkerRow,
  WorkersReport,
} from './http/schemas.js';
