import { parameterCount } from '@lockstep/core';
import type { LayerDescription } from '../network.js';
import type { TapeModel } from './tape-model.js';
import type { TapeLayer } from './tensorflow-layers.js';

/** The names of kinds that Lockstep's own layers have too. */
const KINDS: Readonly<Record<string, string>> = { MaxPooling2D: 'maxPool2d', ReLU: 'relu' };

/** The layers of a model for display, without its inputs. */
export function describeTapeLayers({ leaves, names, parameters }: TapeModel): LayerDescription[] {
  return leaves
    .filter(({ layer }) => layer.getClassName() !== 'InputLayer')
    .map(({ layer }) => {
      const own = parameters.filter((weight) => weight.layer === layer);
      const specs = own.map(({ name, variable }) => ({ name, shape: variable.shape as number[] }));
      return {
        name: names.of(layer),
        kind: kindOf(layer.getClassName()),
        outputShape: outputShapeOf(layer),
        parameters: specs,
        parameterCount: parameterCount(specs.map((spec) => ({ ...spec, gradient: 'dense' }))),
      };
    });
}

function kindOf(className: string): string {
  return KINDS[className] ?? className.charAt(0).toLowerCase() + className.slice(1);
}

/** Of one sample; where it has several uses, of the last. */
export function outputShapeOf({ inboundNodes }: TapeLayer): number[] {
  const [shape] = inboundNodes.at(-1)?.outputShapes ?? [];
  return [shape ?? []]
    .flat()
    .slice(1)
    .map((size) => size ?? 0);
}
