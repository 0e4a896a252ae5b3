import { correctCountIn, LockstepError, type EvaluationShard, type RunSpec } from '@lockstep/core';
import { metricWidth } from '@lockstep/model/objective';

/** A worker's result for an evaluation shard. */
export interface EvaluationResult {
  readonly version: number;
  readonly index: number;
  readonly sampleCount: number;
  readonly metricSums: readonly number[];
  readonly lossSum: number;
  /** One for each sample of the shard; none for a regression. */
  readonly predictions: Uint16Array;
  /** As many. */
  readonly confidences: Float32Array;
}

/** The loss that counts for a sample where it is not finite: the largest binary32. */
const LARGEST_LOSS = 3.4028234663852886e38;
/** A sum of rounded probabilities may exceed 1 by this. */
const ROUNDING = 1e-3;

/**
 * Checks a result against its shard. A network that has diverged computes NaN: such a loss counts as
 * the largest one, such a metric sum too, such a confidence as 0, so that what is stored and shown is finite.
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
  const classCount = 'classes' in data.target ? data.target.classes : undefined;
  const classified = classCount === undefined ? 0 : shard.sampleCount;
  const counts = [sampleCount, predictions.length, confidences.length];
  [shard.sampleCount, classified, classified].forEach((wanted, i) => {
    if (counts[i] === wanted) return;
    throw violation(`${of} has ${wanted} samples, the result is over ${counts[i]}`);
  });
  const width = metricWidth(model.metrics, data.target);
  if (metricSums.length !== width) {
    throw violation(`${of} has ${metricSums.length} metric sums, not ${width}`);
  }
  const correctCount = correctCountIn(model, metricSums) ?? 0;
  if (correctCount > sampleCount) {
    throw violation(`${of} has ${sampleCount} samples, of which ${correctCount} are correct`);
  }
  if (!predictions.every((predicted) => predicted < (classCount ?? 0))) {
    throw violation(`${of} predicts a class beyond the ${classCount} of the data`);
  }
  // Written so that NaN passes.
  if (confidences.some((confidence) => confidence < 0 || confidence > 1 + ROUNDING)) {
    throw violation(`${of} has a confidence that is not between 0 and 1`);
  }
  const most = LARGEST_LOSS * sampleCount;
  return {
    ...result,
    metricSums: metricSums.map((sum) => (Number.isFinite(sum) ? sum : most)),
    lossSum: Number.isFinite(lossSum) ? Math.max(-most, Math.min(most, lossSum)) : most,
    confidences: confidences.map((confidence) => Math.min(1, confidence || 0)),
  };
}

/**
 * The predicted classes as they are transmitted, 2 bytes each, little-endian.
 *
 * @throws LockstepError `protocol-violation`
 */
export function predictionsFrom(bytes: Uint8Array): Uint16Array {
  if (bytes.length % Uint16Array.BYTES_PER_ELEMENT > 0) {
    throw violation(`the predictions of an evaluation shard have ${bytes.length} bytes`);
  }
  return new Uint16Array(Uint8Array.from(bytes).buffer);
}

function violation(message: string): LockstepError {
  return new LockstepError('protocol-violation', message);
}
