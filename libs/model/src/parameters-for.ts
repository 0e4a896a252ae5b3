import type { ParameterSpec } from '@lockstep/core';
import type { Model } from './model.js';

/**
 * The model's parameters with the form their gradients travel in: a dense layer's weights [in, out]
 * as two factors where those are fewer values for the whole global batch, batch · (in + out) < in · out.
 */
export function parametersFor(model: Pick<Model, 'parameters'>, batch: number): ParameterSpec[] {
  return model.parameters.map(({ name, shape, factorable }) => {
    const [inputs = 0, outputs = 0] = shape;
    const factored = factorable && batch * (inputs + outputs) < inputs * outputs;
    return { name, shape, gradient: factored ? 'factored' : 'dense' };
  });
}
