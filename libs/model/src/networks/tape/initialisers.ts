import { fillRandom, RandomPurpose, sizeOf } from '@lockstep/core';
import { truncatedNormal } from '../initial-weights.js';
import { inverseNormal } from '../inverse-normal.js';
import { orthogonal } from './orthogonal.js';

/** An initialiser of tfjs-layers as it serialises itself. */
export interface InitialiserConfig {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * A weight's initial values by one of tfjs-layers' initialisers, drawn from the keyed generator
 * instead of tfjs' own: a pure function of its arguments, with the same bits on every machine. A
 * `seed` of the initialiser has no effect.
 *
 * @param index number of the weight within the model
 * @returns undefined for an unknown initialiser
 */
export function drawInitial(
  { className, config }: InitialiserConfig,
  shape: readonly number[],
  seed: number,
  index: number,
): Float32Array | undefined {
  const size = sizeOf(shape);
  const number = (name: string): number => Number(config[name] ?? 0);
  switch (className) {
    case 'Zeros':
      return new Float32Array(size);
    case 'Ones':
      return new Float32Array(size).fill(1);
    case 'Constant':
      return new Float32Array(size).fill(number('value'));
    case 'Identity':
      return identity(shape, number('gain'));
    case 'RandomUniform':
      return uniform(seed, index, size, number('minval'), number('maxval'));
    case 'RandomNormal':
      return normal(seed, index, size).map((x) => number('mean') + number('stddev') * x);
    case 'TruncatedNormal':
      return truncatedNormal(seed, index, size, number('stddev')).map((x) => number('mean') + x);
    case 'VarianceScaling':
      return varianceScaling(config, shape, seed, index);
    case 'Orthogonal':
      return orthogonal(normal(seed, index, size), shape, number('gain'));
    default:
      return undefined;
  }
}

/** As tfjs' VarianceScaling: Glorot, He and LeCun initialisers are settings of it. */
function varianceScaling(
  config: InitialiserConfig['config'],
  shape: readonly number[],
  seed: number,
  index: number,
): Float32Array {
  const [fanIn, fanOut] = fansOf(shape);
  const fan = { fanIn, fanOut }[String(config['mode'])] ?? (fanIn + fanOut) / 2;
  const variance = Number(config['scale']) / Math.max(1, fan);
  const size = sizeOf(shape);
  if (config['distribution'] !== 'uniform') {
    return truncatedNormal(seed, index, size, Math.sqrt(variance));
  }
  const limit = Math.sqrt(3 * variance);
  return uniform(seed, index, size, -limit, limit);
}

/** Inputs and outputs of one unit, as tfjs-layers counts them. */
function fansOf(shape: readonly number[]): [number, number] {
  if (shape.length < 2) return [Math.sqrt(sizeOf(shape)), Math.sqrt(sizeOf(shape))];
  const field = sizeOf(shape.slice(0, -2));
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  return [inputs * field, outputs * field];
}

function words(seed: number, index: number, size: number): Uint32Array {
  const key = { seed, purpose: RandomPurpose.initialWeights, a: index };
  return fillRandom(key, new Uint32Array(size));
}

function uniform(
  seed: number,
  index: number,
  size: number,
  low: number,
  high: number,
): Float32Array {
  const drawn = words(seed, index, size);
  return Float32Array.from(drawn, (word) => low + ((high - low) * (word + 0.5)) / 0x1_0000_0000);
}

function normal(seed: number, index: number, size: number): Float32Array {
  const drawn = words(seed, index, size);
  return Float32Array.from(drawn, (word) => inverseNormal((word + 0.5) / 0x1_0000_0000));
}

function identity([rows = 0, columns = 0]: readonly number[], gain: number): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = gain;
  return values;
}
