import { createHash } from 'node:crypto';
import { readGivenWeights, takeWeights, type GivenWeight, type Network } from '@lockstep/model';
import { stateValues } from '@lockstep/optim';

export type { GivenWeight };

/** The weights that a run is to begin with: those of a saved model, or tensors. */
export type GivenWeights = { readonly file: string } | { readonly weights: readonly GivenWeight[] };

/** Version 0 of a run that begins with given weights. */
export interface InitialWeights {
  /** Weights, then buffers, as little-endian float32 in the network's order. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of them, hex. */
  readonly sha256: string;
  /** How many tensors were taken from the given ones. */
  readonly taken: number;
  /** Names of the others, which have the values of the run's seed. */
  readonly fresh: readonly string[];
}

/** One array per parameter, and one per buffer. */
export interface InitialTensors {
  readonly weights: readonly Float32Array[];
  readonly buffers: readonly Float32Array[];
}

/**
 * Version 0 from given weights, and from the seed for what they do not have.
 *
 * @throws LockstepError `weights-unusable`
 */
export async function initialWeightsFrom(
  network: Network,
  seed: number,
  given: GivenWeights,
): Promise<InitialWeights> {
  const weights = 'file' in given ? await readGivenWeights(given.file) : given.weights;
  const { weights: ownWeights, buffers: ownBuffers } = ownTensors(network, seed);
  const own = [...ownWeights, ...ownBuffers];
  const { values, fresh } = takeWeights([...network.parameters, ...network.buffers], weights);
  const parts = own.map((initial, index) => bytesOf(values[index] ?? initial));
  const bytes = Uint8Array.from(Buffer.concat(parts));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, sha256, taken: values.length - fresh.length, fresh };
}

/** The tensors that a run begins with where none are given. */
export function ownTensors(network: Network, seed: number): InitialTensors {
  return { weights: network.initialWeights(seed), buffers: network.initialBuffers() };
}

/**
 * The inverse of `InitialWeights.bytes`.
 *
 * @throws LockstepError `run-damaged` when the number of bytes is wrong
 */
export function initialTensors(
  { parameters, buffers }: Network,
  bytes: Uint8Array,
): InitialTensors {
  return stateValues({ parameters, buffers, slots: [] }, bytes);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
