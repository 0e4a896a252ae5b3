import { classCountOf, imageShapeOf, type DataSpec, type Initialisation } from '@lockstep/core';
import { ChainNetwork } from './chain-network.js';
import { loadModel } from './load-model.js';
import type { Network } from './network.js';

/**
 * Loads a built-in network by name, or a user's from a file.
 *
 * @param initialisation of the parameters of a user's chain; a built-in has its own
 * @throws LockstepError `model-not-found` or `model-invalid`
 */
export async function loadNetwork(
  nameOrFile: string,
  data: Pick<DataSpec, 'inputShape' | 'target'>,
  initialisation?: Initialisation,
): Promise<Network> {
  const [shape, classes] = [imageShapeOf(data), classCountOf(data)];
  return new ChainNetwork(await loadModel(nameOrFile, shape, classes, initialisation));
}
