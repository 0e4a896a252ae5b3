import type { RunEvent, RunSpec } from '@lockstep/core';

/** The run that is recorded. */
export interface TrackedRun {
  readonly runId: string;
  readonly spec: RunSpec;
  /** The run's folder. */
  readonly folder: string;
  /** The last step that its weights hold already; 0 for a new run. */
  readonly version: number;
}

/** How some numbers spread: equal bins from the smallest to the largest. */
export interface Spread {
  readonly low: number;
  readonly high: number;
  /** Numbers in each bin. */
  readonly counts: readonly number[];
  readonly mean: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** How a parameter's weights spread after a step, and what the step's update added up to. */
export interface ParameterSpread {
  readonly name: string;
  readonly weights: Spread;
  /** The step's reduced gradient, as a mean over its samples. */
  readonly gradient?: Spread;
}

/**
 * A record of a run kept outside of it, for people who compare runs there. Nothing here blocks,
 * throws or makes a training wait: what cannot be recorded is told by an alarm, once.
 */
export interface Tracker {
  observe(event: RunEvent, at: number): void;
  spreads(step: number, parameters: readonly ParameterSpread[]): void;
  /** Hands in what is still to be written, and waits for that a few seconds at most. */
  close(): Promise<void>;
}

/** Told when something cannot be recorded, and what to do. */
export type TrackingAlarm = (code: TrackingAlarmCode, message: string) => void;

export type TrackingAlarmCode = 'tensorboard-unwritable' | 'mlflow-unreachable';
