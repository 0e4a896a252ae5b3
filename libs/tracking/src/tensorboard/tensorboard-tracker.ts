import { join } from 'node:path';
import { createFigureReader } from '../figures.js';
import {
  SessionLog_SessionStatus,
  type HistogramProto,
  type Summary_Value,
} from '../generated/tensorboard/event.js';
import type { Spread, TrackedRun, Tracker, TrackingAlarm } from '../tracker.js';
import { openEventFile } from './event-file.js';

/**
 * Writes event files for TensorBoard, into a folder of the run. A resumed run continues the same
 * curves: earlier entries of recomputed steps become void.
 *
 * @param folder TensorBoard's log folder, with all runs in it
 */
export function createTensorBoardTracker(
  folder: string,
  { runId, version }: Pick<TrackedRun, 'runId' | 'version'>,
  alarm: TrackingAlarm,
  now: () => number = Date.now,
): Tracker {
  const path = join(folder, runId);
  const file = openEventFile(path, now(), (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    alarm('tensorboard-unwritable', `TensorBoard's files cannot be written: ${reason}`);
  });
  const read = createFigureReader();
  const add = (step: number, at: number, value: Summary_Value[]): void =>
    file.add({ wallTime: at / 1000, step, what: { $case: 'summary', value: { value } } });

  const status = SessionLog_SessionStatus.START;
  file.add({
    wallTime: now() / 1000,
    step: version + 1,
    what: { $case: 'sessionLog', value: { status } },
  });
  return {
    observe: (event, at) => {
      const figures = read(event, at);
      if (!figures) return;
      const scalar = ([tag, value]: [string, number]): Summary_Value => ({
        tag,
        value: { $case: 'simpleValue', value },
      });
      add(figures.step, at, Object.entries(figures.values).map(scalar));
    },
    spreads: (step, parameters) => {
      const histogram = (tag: string, spread: Spread): Summary_Value => ({
        tag,
        value: { $case: 'histo', value: histogramProto(spread) },
      });
      const values = parameters.flatMap(({ name, weights, gradient }) => [
        histogram(`weights/${name}`, weights),
        ...(gradient ? [histogram(`updates/${name}`, gradient)] : []),
      ]);
      add(step, now(), values);
    },
    close: () => file.close(),
  };
}

function histogramProto({ low, high, counts, mean, deviation }: Spread): HistogramProto {
  const num = counts.reduce((sum, count) => sum + count, 0);
  const width = (high - low) / counts.length;
  // Equal numbers have one bucket: limits must increase.
  const limits = counts.map((_, i) => (i + 1 === counts.length ? high : low + (i + 1) * width));
  return {
    min: low,
    max: high,
    num,
    sum: num * mean,
    sumSquares: num * (mean * mean + deviation * deviation),
    bucketLimit: width > 0 ? limits : [high],
    bucket: width > 0 ? [...counts] : [num],
  };
}
