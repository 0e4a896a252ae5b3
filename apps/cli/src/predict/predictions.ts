import type { RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { sampleKinds } from './sample-kinds.js';
import type { Sample } from './sample.js';

/** A sample, and what the network gives for it. */
export interface Prediction extends Sample {
  /** [classes] probabilities, or [values] of a regression */
  readonly answers: Float32Array;
}

/** So many samples are predicted at once. */
const AT_ONCE = 64;
/** So many samples that cannot be read are named. */
const MOST_NAMED = 10;

/**
 * Predicts for the samples of files and folders, in their order.
 *
 * @throws LockstepError after the last prediction, naming the samples that could not be read
 */
export async function* predictions(
  engine: Engine,
  record: RunRecord,
  paths: readonly string[],
): AsyncGenerator<readonly Prediction[], void> {
  const failed: LockstepError[] = [];
  let waiting: Sample[] = [];
  for await (const sample of samplesOf(paths, record)) {
    if (sample instanceof LockstepError) failed.push(sample);
    else waiting.push(sample);
    if (waiting.length < AT_ONCE) continue;
    yield await predict(engine, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield await predict(engine, waiting);
  const [first] = failed;
  if (first) throw failed.length === 1 ? first : allOf(first, failed);
}

async function* samplesOf(
  paths: readonly string[],
  record: RunRecord,
): AsyncGenerator<Sample | LockstepError, void> {
  for (const path of paths) {
    for (const kind of sampleKinds) {
      if (!(await kind.takes(path, record))) continue;
      yield* kind.read(path, record);
      break;
    }
  }
}

async function predict(engine: Engine, samples: readonly Sample[]): Promise<readonly Prediction[]> {
  const size = samples[0].values.length;
  const images = new Float32Array(samples.length * size);
  samples.forEach(({ values }, i) => images.set(values, i * size));
  const { probabilities } = await engine.run('predict', { images });
  const width = probabilities.length / samples.length;
  return samples.map((sample, i) => {
    return { ...sample, answers: probabilities.slice(i * width, (i + 1) * width) };
  });
}

function allOf(first: LockstepError, failed: readonly LockstepError[]): LockstepError {
  const named = failed.slice(0, MOST_NAMED).map(({ message }) => `  ${message}`);
  const more = failed.length > MOST_NAMED ? `\n  and ${failed.length - MOST_NAMED} more` : '';
  return new LockstepError(
    first.code,
    `${failed.length} samples cannot be read:\n${named.join('\n')}${more}`,
    { ...(first.remedy !== undefined && { remedy: first.remedy }) },
  );
}
