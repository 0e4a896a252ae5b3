import {
  classCountOf,
  correctCountIn,
  LockstepError,
  type EvaluationShard,
  type RunSpec,
} from '@lockstep/core';

/** A worker's result for an evaluation shard. */
export interface EvaluationResult {
  readonly version: number;
  readonly index: number;
  readonly sampleCount: number;
  readonly metricSums: readonly number[];
  readonly lossSum: number;
  /** One for each sample of the shard. */
  readonly predictions: Uint8Array;
  readonly confidences: Float32Array;
}

/** The loss that counts for a sample where it is not finite: the largest binary32. */
const LARGEST_LOSS = 3.4028234663852886e38;
/** A sum of rounded probabilities may exceed 1 by this. */
const ROUNDING = 1e-3;

/**
 * Checks a result against its shard. A network that has diverged computes NaN: such a loss counts as
 * the largest one, such a confidence as 0, so that what is stored and shown is finite.
 *
 * @throws LockstepError `protocol-violation` for what no network computes
 */
export function checkEvaluation(
  shard: EvaluationShard,
  result: EvaluationResult,
  { data, model }: Pick<RunSpec, 'data' | 'model'>,
): EvaluationResult {
  const { sampleCount, metricSums, lossSum, predictions, confidences } = result;
  const of = `evaluation shard ${shard.index}`;
  for (const count of [sampleCount, predictions.length, confidences.length]) {
    if (count === shard.sampleCount) continue;
    throw violation(`${of} has ${shard.sampleCount} samples, the result is over ${count}`);
  }
  if (metricSums.length !== model.metrics.length) {
    throw violation(`${of} has ${metricSums.length} metric sums, not ${model.metrics.length}`);
  }
  const correctCount = correctCountIn(model, metricSums) ?? 0;
  if (correctCount > sampleCount) {
    throw violation(`${of} has ${sampleCount} samples, of which ${correctCount} are correct`);
  }
  const classCount = classCountOf(data);
  if (!predictions.every((predicted) => predicted < classCount)) {
    throw violation(`${of} predicts a class beyond the ${classCount} of the data`);
  }
  // Written so that NaN passes.
  if (confidences.some((confidence) => confidence < 0 || confidence > 1 + ROUNDING)) {
    throw violation(`${of} has a confidence that is not between 0 and 1`);
  }
  const most = LARGEST_LOSS * sampleCount;
  return {
    ...result,
    lossSum: Number.isFinite(lossSum) ? Math.max(-most, Math.min(most, lossSum)) : most,
    confidences: confidences.map((confidence) => Math.min(1, confidence || 0)),
  };
}

function violation(message: string): LockstepError {
  return new LockstepError('protocol-violation', message);
}
