import { messageOf } from '@lockstep/core';
import { join } from 'node:path';
import type { RunEvent } from '@lockstep/core';
import { FigureReader } from '../figures.js';
import {
  SessionLog_SessionStatus,
  type HistogramProto,
  type Summary_Value,
} from '../generated/tensorboard/event.js';
import type { ParameterSpread, Spread, TrackedRun, Tracker, TrackingAlarm } from '../tracker.js';
import { EventFile } from './event-file.js';

/**
 * Writes event files for TensorBoard, into a folder of the run. A resumed run continues the same
 * curves: earlier entries of recomputed steps become void.
 */
export class TensorBoardTracker implements Tracker {
  readonly #file: EventFile;
  readonly #figures = new FigureReader();
  readonly #now: () => number;

  /** @param folder TensorBoard's log folder, with all runs in it */
  constructor(
    folder: string,
    { runId, version }: Pick<TrackedRun, 'runId' | 'version'>,
    alarm: TrackingAlarm,
    now: () => number = Date.now,
  ) {
    this.#now = now;
    this.#file = new EventFile(join(folder, runId), now(), (error) => {
      const reason = messageOf(error);
      alarm('tensorboard-unwritable', `TensorBoard's files cannot be written: ${reason}`);
    });
    const value = { status: SessionLog_SessionStatus.START };
    const what = { $case: 'sessionLog', value } as const;
    this.#file.add({ wallTime: now() / 1000, step: version + 1, what });
  }

  observe(event: RunEvent, at: number): void {
    const figures = this.#figures.read(event, at);
    if (!figures) return;
    const scalar = ([tag, value]: [string, number]): Summary_Value => ({
      tag,
      value: { $case: 'simpleValue', value },
    });
    this.#add(figures.step, at, Object.entries(figures.values).map(scalar));
  }

  spreads(step: number, parameters: readonly ParameterSpread[]): void {
    const histogram = (tag: string, spread: Spread): Summary_Value => ({
      tag,
      value: { $case: 'histo', value: histogramProto(spread) },
    });
    const values = parameters.flatMap(({ name, weights, gradient }) => [
      histogram(`weights/${name}`, weights),
      ...(gradient ? [histogram(`updates/${name}`, gradient)] : []),
    ]);
    this.#add(step, this.#now(), values);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #add(step: number, at: number, value: Summary_Value[]): void {
    this.#file.add({ wallTime: at / 1000, step, what: { $case: 'summary', value: { value } } });
  }
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
