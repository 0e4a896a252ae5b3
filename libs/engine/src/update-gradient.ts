import {
  decodeGradient,
  sectionLengths,
  viewGradient,
  type Gradient,
  type ParameterSpec,
  type StepUpdate,
  type WireFormat,
} from '@lockstep/core';
import { stackInOrder } from '@lockstep/optim';

/**
 * The gradient that an update stands for, a sum over all samples of the step.
 *
 * @param wire in which the factored sections are written
 * @throws LockstepError `protocol-violation` where bytes are not those of the parameters
 */
export function gradientOf(
  { shards, dense }: StepUpdate,
  parameters: readonly ParameterSpec[],
  wire: WireFormat,
): Gradient {
  const stacked = shards.map(({ sampleCount: rows, factored }) => {
    const length = sectionLengths(parameters, rows).factored;
    return { rows, factored: decodeGradient(factored, length, wire) };
  });
  const rows = stacked.reduce((sum, shard) => sum + shard.rows, 0);
  const sections = {
    factored: stackInOrder(parameters, stacked),
    dense: decodeGradient(dense, sectionLengths(parameters, 0).dense, 'f32'),
  };
  return viewGradient(sections, parameters, rows);
}
