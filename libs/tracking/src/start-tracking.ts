import { createMlflowTracker, type MlflowOptions } from './mlflow/mlflow-tracker.js';
import { createTensorBoardTracker } from './tensorboard/tensorboard-tracker.js';
import type { TrackedRun, Tracker, TrackingAlarm } from './tracker.js';

/** Where a run is recorded beside its own folder. */
export interface TrackingOptions {
  /** The folder that TensorBoard is pointed at. */
  readonly tensorboard?: string;
  readonly mlflow?: MlflowOptions;
}

/** All the records that were asked for, as one. */
export function startTracking(
  { tensorboard, mlflow }: TrackingOptions,
  run: TrackedRun,
  alarm: TrackingAlarm,
): Tracker {
  const trackers = [
    ...(tensorboard === undefined ? [] : [createTensorBoardTracker(tensorboard, run, alarm)]),
    ...(mlflow === undefined ? [] : [createMlflowTracker(mlflow, run, alarm)]),
  ];
  return {
    observe: (event, at) => {
      for (const tracker of trackers) tracker.observe(event, at);
    },
    spreads: (step, parameters) => {
      for (const tracker of trackers) tracker.spreads(step, parameters);
    },
    close: async () => void (await Promise.allSettled(trackers.map((tracker) => tracker.close()))),
  };
}
