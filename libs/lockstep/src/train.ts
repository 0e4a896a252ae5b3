import { dataFile, modelFile } from './definition-files.js';
import { trainArguments, type TrainOptions } from './train-options.js';
import { TrainingRun } from './training-run.js';

/**
 * Trains on this machine, as `lockstep train` does: Redis, a coordinator and workers, all in processes
 * of their own. Options have the names of the flags in camel case; what is not given comes from
 * `LOCKSTEP_…` variables, `lockstep.config.*` in the working folder, and the defaults.
 *
 * @returns the run, once it has begun
 * @throws LockstepError (as a rejection) for wrong options, data or models, before any step
 */
export async function train(options: TrainOptions = {}): Promise<TrainingRun> {
  const files = { model: modelFile(options.model, options.out), data: dataFile(options.data) };
  const run = new TrainingRun(trainArguments(options, files), options.onLog ?? toStderr);
  await run.begun;
  return run;
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
