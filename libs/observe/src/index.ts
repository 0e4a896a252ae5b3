export { noLogin, openRoles, type HttpAccess, type Roles } from './auth/roles.js';
export { alarmCatalogue, alarmRemedy, type AlarmCode } from './faults/alarm-catalogue.js';
export { NetworkInspector } from './network/network-inspector.js';
export type { ControlAnswer, RunReport, ScaleAnswer } from './run/schemas.js';
export type {
  LedRun,
  RunCommands,
  RunStatus,
  RunView,
  TimelineSource,
  WorkerCounts,
  WorkerView,
} from './run-view.js';
export { ObserveServer, type ObserveOptions } from './server/observe-server.js';
export type { Problem } from './server/schemas.js';
export type { StepTimelineRow, TimelineReport } from './steps/schemas.js';
export {
  phaseNames,
  stepPhases,
  type PhaseName,
  type ShardTimeline,
  type StepPhases,
  type StepTimeline,
} from './steps/step-timeline.js';
export type { WorkerRow, WorkersReport } from './workers/schemas.js';
export { median, type Departure, type WorkerFigures } from './workers/worker-figures.js';
