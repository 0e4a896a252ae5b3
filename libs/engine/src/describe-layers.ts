import { receptiveFields, type Model } from '@lockstep/model';
import type { LayerDescription } from './engine-protocol.js';

/** The layers of a model, in order, as plain data. */
export function describeLayers(model: Model): LayerDescription[] {
  const fields = receptiveFields(model);
  return model.layers.map(({ parameters }, index) => {
    const receptiveField = fields[index];
    return {
      ...model.summary[index],
      parameters: parameters.map(({ name, shape }) => ({ name, shape })),
      ...(receptiveField && { receptiveField }),
    };
  });
}
