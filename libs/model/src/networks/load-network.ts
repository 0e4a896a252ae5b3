import { type DataSpec, type Initialisation } from '@lockstep/core';
import { ChainNetwork } from './chain-network.js';
import { loadDefinition } from './load-definition.js';
import { chainModel } from './load-model.js';
import type { Network } from './network.js';
import { buildDefinition } from './tape/build-network.js';
import { buildLayersModel } from './tape/load-layers-model.js';
import type { TensorFlowLayers } from './tape/tensorflow-layers.js';

/**
 * Loads a network: a built-in by name, a user's chain of layers or LayersModel from a module, or a
 * saved LayersModel from its `model.json`.
 *
 * @param initialisation of the parameters of a user's chain; a built-in has its own
 * @param tensorFlowLayers called for a LayersModel only, since it takes time to load
 * @throws LockstepError `model-not-found` or `model-invalid`
 */
export async function loadNetwork(
  nameOrFile: string,
  data: Pick<DataSpec, 'inputShape' | 'target'>,
  tensorFlowLayers: () => TensorFlowLayers,
  initialisation?: Initialisation,
): Promise<Network> {
  const loaded = await loadDefinition(nameOrFile);
  const { definition, where, sourceSha256 } = loaded;
  const built = buildDefinition(definition, where);
  if (sourceSha256 === undefined || !built) {
    return new ChainNetwork(chainModel(loaded, data, initialisation));
  }
  const source = { where, sourceSha256 };
  return buildLayersModel(tensorFlowLayers(), built, data, source);
}
