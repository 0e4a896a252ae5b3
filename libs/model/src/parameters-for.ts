import type { ParameterSpec, RunSpec } from '@lockstep/core';
import type { Model } from './model.js';

/**
 * The model's parameters with the form their gradients travel in: a dense layer's weights [in, out] as
 * two factors where those are fewer values on their way up, for a shard, and down, for the whole batch:
 * (shardSize + batch) · (in + out) < 2 · in · out.
 */
export function parametersFor(
  model: Pick<Model, 'parameters'>,
  { batch, shardSize }: Pick<RunSpec, 'batch' | 'shardSize'>,
): ParameterSpec[] {
  return model.parameters.map(({ name, shape, factorable }) => {
    const [inputs = 0, outputs = 0] = shape;
    const rows = Math.min(shardSize, batch) + batch;
    const factored = factorable && rows * (inputs + outputs) < 2 * inputs * outputs;
    return { name, shape, gradient: factored ? 'factored' : 'dense' };
  });
}
