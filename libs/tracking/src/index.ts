export type { MlflowOptions } from './mlflow/mlflow-tracker.js';
export { startTracking, type TrackingOptions } from './start-tracking.js';
export type { ParameterSpread, Spread, TrackedRun, Tracker, TrackingAlarm } from './tracker.js';
