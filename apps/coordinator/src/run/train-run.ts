import {
  isFiniteUpdate,
  totalSteps,
  type Contribution,
  type RunSpec,
  type Shard,
} from '@lockstep/core';
import type { UpdatePipeline } from '../state/update-pipeline.js';
import type { StepRecorder } from '../steps/step-recorder.js';
import type { StepShell } from '../steps/step-shell.js';
import { unlessAborted } from './run-end.js';

/** The parts of a training, in the order in which a step passes through them. */
export interface TrainingParts {
  readonly spec: RunSpec;
  /** The last step that the weights include. */
  readonly version: number;
  /** A step's shards; pure. */
  readonly planStep: (step: number) => readonly Shard[];
  readonly steps: Pick<StepShell, 'untilRunning' | 'collect'>;
  readonly recorder: Pick<StepRecorder, 'record'>;
  readonly updates: Pick<UpdatePipeline, 'reduce' | 'applyAndPublish'>;
  /** Whether the evaluation after a step decides about the run: the next step waits for it. */
  readonly isDecisive: (step: number) => boolean;
  /**
   * Starts the evaluation and the checkpoint that are due after a step, beside later steps.
   *
   * @returns whether the run continues
   */
  readonly afterStep: (step: number) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Trains a run from its version to its last step, or to the one with which it ends early. */
export async function trainRun(run: TrainingParts): Promise<void> {
  const { spec, signal, planStep, steps, recorder, updates, isDecisive, afterStep } = run;
  const begin = async (step: number): Promise<readonly Contribution[]> => {
    await unlessAborted(signal, steps.untilRunning());
    return unlessAborted(signal, steps.collect(step, planStep(step)));
  };
  const last = totalSteps(spec);
  let collecting = run.version < last ? begin(run.version + 1) : Promise.resolve([]);
  for (let step = run.version + 1; step <= last; step++) {
    const contributions = await collecting;
    // The ledger says whether the step is skipped: then its update has to be known first.
    const known = spec.onNonfinite === 'skip' ? await updates.reduce(contributions) : undefined;
    const isSkipped = known !== undefined && !isFiniteUpdate(known, spec);
    await recorder.record(step, contributions, isSkipped);
    // The next step's shards are queued while this step's update is made.
    const isQueued = step < last && !isDecisive(step);
    if (isQueued) collecting = begin(step + 1);
    collecting.catch(() => undefined); // reported by the next iteration, if there is one
    const update = known ?? (await updates.reduce(contributions));
    await updates.applyAndPublish(step, update);
    if (!(await afterStep(step))) return;
    if (step < last && !isQueued) collecting = begin(step + 1);
  }
}
