import type { Contribution, RunSpec, Shard } from '@lockstep/core';
import { unlessAborted } from './run-end.js';

/** The parts that a training needs, each one verb of the sentence below. */
export interface TrainingParts {
  readonly spec: RunSpec;
  /** The last step that the weights hold already. */
  readonly version: number;
  /** A step's shards; pure. */
  planStep(spec: RunSpec, step: number): readonly Shard[];
  /** Resolves while the run may go on; never while it waits or is paused. */
  untilRunning(): Promise<void>;
  /** Hands the shards out, as often as needed, until the heart commits: answers in shard order. */
  collect(step: number, shards: readonly Shard[]): Promise<readonly Contribution[]>;
  /** Writes down which contribution counted for which shard. */
  record(step: number, contributions: readonly Contribution[]): Promise<void>;
  /** Sums the gradients in shard order. */
  reduceInOrder(contributions: readonly Contribution[]): Promise<Uint8Array>;
  /** Applies the update here and sends it to every worker, who applies it with the same code. */
  applyAndPublish(step: number, update: Uint8Array): Promise<void>;
  /** Evaluates and saves, where the step asks for it, beside the steps that follow. */
  afterStep(step: number): void;
  readonly signal: AbortSignal;
}

/** Trains a run from its version to its last step: the way of a gradient, in one screen. */
export async function trainRun(run: TrainingParts): Promise<void> {
  const { spec, signal } = run;
  for (let step = run.version + 1; step <= spec.steps; step++) {
    await unlessAborted(signal, run.untilRunning());
    const shards = run.planStep(spec, step);
    const contributions = await unlessAborted(signal, run.collect(step, shards));
    await run.record(step, contributions);
    const update = await run.reduceInOrder(contributions);
    await run.applyAndPublish(step, update);
    run.afterStep(step);
  }
}
