import type { RunEvent, RunSpec } from '@lockstep/core';

/** The run that is recorded. */
export interface TrackedRun {
  readonly runId: string;
  readonly spec: RunSpec;
  /** The run's folder. */
  readonly folder: string;
  /** The last step applied to its weights; 0 for a new run. */
  readonly version: number;
}

/** A histogram with equal bins from the smallest to the largest number. */
export interface Spread {
  readonly low: number;
  readonly high: number;
  /** Numbers in each bin. */
  readonly counts: readonly number[];
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** Histograms of a parameter's weights after a step, and of the step's gradient. */
export interface ParameterSpread {
  readonly name: string;
  readonly weights: Spread;
  /** The step's reduced gradient, as a mean over its samples. */
  readonly gradient?: Spread;
}

/**
 * Records a run in an external tool. It never blocks, throws or delays training: failures are
 * reported by an alarm, once.
 */
export interface Tracker {
  observe(event: RunEvent, at: number): void;
  spreads(step: number, parameters: readonly ParameterSpread[]): void;
  /** Writes the remaining data, within a few seconds. */
  close(): Promise<void>;
}

/** Called when something cannot be recorded, with a remedy. */
export type TrackingAlarm = (code: TrackingAlarmCode, message: string) => void;

export type TrackingAlarmCode = 'tensorboard-unwritable' | 'mlflow-unreachable';
