import { MlflowTracker, type MlflowOptions } from './mlflow/mlflow-tracker.js';
import { TensorBoardTracker } from './tensorboard/tensorboard-tracker.js';
import type { TrackedRun, Tracker, TrackingAlarm } from './tracker.js';

/** Where a run is recorded besides its own folder. */
export interface TrackingOptions {
  /** TensorBoard's log folder. */
  readonly tensorboard?: string;
  readonly mlflow?: MlflowOptions;
}

/** All requested trackers, as one. */
export function startTracking(
  { tensorboard, mlflow }: TrackingOptions,
  run: TrackedRun,
  alarm: TrackingAlarm,
): Tracker {
  const trackers = [
    ...(tensorboard === undefined ? [] : [new TensorBoardTracker(tensorboard, run, alarm)]),
    ...(mlflow === undefined ? [] : [new MlflowTracker(mlflow, run, alarm)]),
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
