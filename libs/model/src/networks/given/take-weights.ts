import { allFinite, LockstepError } from '@lockstep/core';
import type { GivenWeight } from './given-weights.js';

/** A parameter or a buffer of a network. */
interface WantedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a network begins with. */
export interface TakenWeights {
  /** One per wanted tensor; undefined where nothing was given for it. */
  readonly values: readonly (Float32Array | undefined)[];
  /** Names of wanted tensors for which nothing was given. */
  readonly fresh: readonly string[];
}

/**
 * Matches given weights to the tensors of a network, by name. Given weights that the network does not
 * have are left out, as the head of the earlier network is in fine-tuning.
 *
 * @throws LockstepError `weights-unusable` where shapes differ, with each of them; where nothing matches;
 *   or where a value is not finite
 */
export function takeWeights(
  wanted: readonly WantedTensor[],
  given: readonly GivenWeight[],
): TakenWeights {
  const byName = new Map(given.map((weight) => [kerasName(weight.name), weight]));
  const found = wanted.map((tensor) => ({ tensor, weight: byName.get(kerasName(tensor.name)) }));
  mustFit(found);
  if (found.every(({ weight }) => weight === undefined)) throw nothingFits(wanted, given);
  return {
    values: found.map(({ weight }) => weight?.values),
    fresh: found.flatMap(({ tensor, weight }) => (weight ? [] : [tensor.name])),
  };
}

/** A chain of Lockstep's layers has weights and biases; Keras calls them kernel and bias. */
function kerasName(name: string): string {
  return name.replace(/\/weights$/, '/kernel').replace(/\/biases$/, '/bias');
}

type Match = { readonly tensor: WantedTensor; readonly weight: GivenWeight | undefined };

function mustFit(found: readonly Match[]): void {
  const faults = found.flatMap(({ tensor: { name, shape }, weight }) => {
    if (!weight) return [];
    if (!isEqual(shape, weight.shape)) {
      return [
        `${name} is [${shape.join(', ')}] in the network, [${weight.shape.join(', ')}] given`,
      ];
    }
    return allFinite(weight.values) ? [] : [`${name} is given with values that are not finite`];
  });
  if (faults.length === 0) return;
  throw new LockstepError('weights-unusable', faults.join('\n'), {
    remedy:
      'give weights of the same shapes; or, for a layer that is to be trained anew, give it another name in the model file',
  });
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** How many names of each side are listed. */
const MOST_NAMES = 4;

function nothingFits(
  wanted: readonly WantedTensor[],
  given: readonly GivenWeight[],
): LockstepError {
  const what = `no given weight has the name of one in the network: given are ${namesOf(given)}; the network has ${namesOf(wanted)}`;
  return new LockstepError('weights-unusable', what, {
    remedy: 'name the layers of the model file as in the given weights',
  });
}

function namesOf(tensors: readonly { readonly name: string }[]): string {
  const more = tensors.length > MOST_NAMES ? ', …' : '';
  const names = tensors.slice(0, MOST_NAMES).map(({ name }) => name);
  return `${names.join(', ') || 'none'}${more}`;
}
