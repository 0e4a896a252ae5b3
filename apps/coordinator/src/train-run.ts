import {
  totalSteps,
  type Contribution,
  type RunSpec,
  type Shard,
  type StepUpdate,
} from '@lockstep/core';
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
  /** Hands the shards out, as often as needed, until the step machine commits: answers in shard order. */
  collect(step: number, shards: readonly Shard[]): Promise<readonly Contribution[]>;
  /** Writes down which contribution counted for which shard. */
  record(step: number, contributions: readonly Contribution[]): Promise<void>;
  /** Sums the gradients in shard order. */
  reduceInOrder(contributions: readonly Contribution[]): Promise<StepUpdate>;
  /** Applies the update here and sends it to every worker, who applies it with the same code. */
  applyAndPublish(step: number, update: StepUpdate): Promise<void>;
  /** Evaluates and saves, where the step asks for it, beside the steps that follow. */
  afterStep(step: number): void;
  readonly signal: AbortSignal;
}

/** Trains a run from its version to its last step: the way of a gradient, in one screen. */
export async function trainRun(run: TrainingParts): Promise<void> {
  const { spec, signal } = run;
  const begin = async (step: number): Promise<readonly Contribution[]> => {
    await unlessAborted(signal, run.untilRunning());
    return unlessAborted(signal, run.collect(step, run.planStep(spec, step)));
  };
  const last = totalSteps(spec);
  let collecting = run.version < last ? begin(run.version + 1) : Promise.resolve([]);
  for (let step = run.version + 1; step <= last; step++) {
    const contributions = await collecting;
    await run.record(step, contributions);
    // The next shards are on their way to the workers while this step's update is made.
    if (step < last) collecting = begin(step + 1);
    collecting.catch(() => undefined); // it is told at the next turn, if there is one
    const update = await run.reduceInOrder(contributions);
    await run.applyAndPublish(step, update);
    run.afterStep(step);
  }
}
