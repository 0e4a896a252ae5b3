import {
  decodeGradient,
  sectionLengths,
  viewSums,
  type ModelTensors,
  type StepSums,
  type StepUpdate,
  type WireFormat,
} from '@lockstep/core';
import { stackInOrder } from '@lockstep/optim';

/**
 * The sums that an update stands for, over all samples of the step.
 *
 * @param wire in which the factored sections are written
 * @throws LockstepError `protocol-violation` where bytes are not those of the model
 */
export function sumsOf(
  { shards, dense }: StepUpdate,
  model: ModelTensors,
  wire: WireFormat,
): StepSums {
  const stacked = shards.map(({ sampleCount: rows, factored }) => {
    const length = sectionLengths(model, rows).factored;
    return { rows, factored: decodeGradient(factored, length, wire) };
  });
  const rows = stacked.reduce((sum, shard) => sum + shard.rows, 0);
  const sections = {
    factored: stackInOrder(model.parameters, stacked),
    dense: decodeGradient(dense, sectionLengths(model, 0).dense, 'f32'),
  };
  return viewSums(sections, model, rows);
}
