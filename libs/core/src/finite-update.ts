import { decodeGradient } from './gradient-bytes.js';
import { sectionLengths, type StepUpdate } from './gradient.js';
import type { RunSpec } from './run-spec.js';
import { allFinite } from './tensor-bytes.js';

/**
 * Whether no value of a step's update is NaN or infinite. Coordinator, workers and `verify` decide by
 * the same bytes whether the step is skipped.
 *
 * @throws LockstepError `protocol-violation` when the bytes are not those of an update of the model
 */
export function isFiniteUpdate(
  { shards, dense }: StepUpdate,
  { model, wire }: Pick<RunSpec, 'model' | 'wire'>,
): boolean {
  const sum = decodeGradient(dense, sectionLengths(model, 0).dense, 'f32');
  if (!allFinite(sum)) return false;
  return shards.every(({ sampleCount, factored }) => {
    const count = sectionLengths(model, sampleCount).factored;
    return allFinite(decodeGradient(factored, count, wire));
  });
}
