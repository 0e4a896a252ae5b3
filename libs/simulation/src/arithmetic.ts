import { createHash } from 'node:crypto';
import {
  canonicalise,
  totalSteps,
  contributionHash,
  decodeGradient,
  encodeGradient,
  parameterCount,
  sectionLengths,
  sectionRoots,
  type GradientBytes,
  type ModelSpec,
  type RunSpec,
  type Shard,
  type ShardTotals,
  type StepUpdate,
} from '@lockstep/core';
import { planStep } from '@lockstep/data';
import { reduceDense, stackInOrder } from '@lockstep/optim/reduce';

/** Of the factored parameter. */
const INPUTS = 2;
const OUTPUTS = 3;

/** Numbers small enough to simulate, and as sensitive to order as large ones: float32 sums. */
export interface Arithmetic {
  initial(): Float32Array;
  compute(weights: Float32Array, shard: Shard): SimulatedShard;
  /** The sum of dense sections. */
  reduce(sections: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  apply(weights: Float32Array, update: StepUpdate): Float32Array;
  /**
   * The `contributionHash` of a payload.
   *
   * @throws LockstepError `protocol-violation` where bytes are not those of the model's parameters
   */
  hash(totals: ShardTotals, payload: GradientBytes): string;
  /** A gradient with another first value. */
  altered(payload: GradientBytes, change: (first: number) => number): GradientBytes;
}

/** What a shard comes to, with both of its sections. */
export interface SimulatedShard {
  readonly totals: ShardTotals;
  readonly payload: GradientBytes;
  readonly factoredSha256: string;
  readonly sha256: string;
}

/** A simulated model: one parameter of each kind of gradient. */
export const simulatedModel: ModelSpec = {
  name: 'small',
  parameters: [
    { name: 'w', shape: [4], gradient: 'dense' },
    { name: 'f', shape: [INPUTS, OUTPUTS], gradient: 'factored' },
  ],
  loss: { kind: 'cross-entropy' },
  metrics: ['accuracy'],
};

/** @param flat every gradient is zero, so that all answers of a step have equal bytes */
export function createArithmetic(spec: RunSpec, flat: boolean): Arithmetic {
  const { parameters } = spec.model;
  const size = parameterCount(parameters);
  const denseSize = sectionLengths(spec.model, 0).dense;
  return {
    initial: () => Float32Array.from({ length: size }, (_, i) => Math.fround(0.37 * (i + 1))),
    compute: (weights, shard) => {
      const { sum, factors } = gradientOf({ spec, weights, shard, denseSize, flat });
      const payload = {
        factored: encodeGradient(factors, 'f32'),
        dense: encodeGradient(sum, 'f32'),
      };
      const roots = sectionRoots({ factored: factors, dense: sum });
      const lossSum = flat ? 0 : Math.abs(sum[0]);
      const totals = { sampleCount: shard.sampleCount, lossSum, metricSums: [1] };
      const factoredSha256 = hashOf(payload.factored);
      return { totals, payload, factoredSha256, sha256: contributionHash(totals, roots) };
    },
    reduce: (sections) => reduceDense(sections, denseSize, 'f32'),
    apply: (weights, update) => {
      const rate = spec.optimizer.learningRate / spec.batch;
      const sum = decodeGradient(update.dense, denseSize, 'f32');
      const gradient = new Float32Array([...sum, ...factoredSum(spec.model, update)]);
      return weights.map((weight, i) => weight - rate * gradient[i]);
    },
    hash: (totals, { factored, dense }) => {
      const lengths = sectionLengths(spec.model, totals.sampleCount);
      const roots = sectionRoots({
        factored: decodeGradient(factored, lengths.factored, 'f32'),
        dense: decodeGradient(dense, lengths.dense, 'f32'),
      });
      return contributionHash(totals, roots);
    },
    altered: ({ factored, dense }, change) => {
      const values = decodeGradient(dense, denseSize, 'f32');
      values[0] = change(values[0]);
      return { factored, dense: encodeGradient(values, 'f32') };
    },
  };
}

/** A shard's gradient sums, and the factors of its factored parameter. */
function gradientOf(given: {
  readonly spec: RunSpec;
  readonly weights: Float32Array;
  readonly shard: Shard;
  readonly denseSize: number;
  readonly flat: boolean;
}): { readonly sum: Float32Array; readonly factors: Float32Array } {
  const { weights, denseSize, flat } = given;
  const { step, firstSample, sampleCount } = given.shard;
  const sum = new Float32Array(denseSize);
  const factors = new Float32Array(sampleCount * (INPUTS + OUTPUTS));
  for (let row = 0; row < sampleCount && !flat; row++) {
    const seen = ((step * given.spec.batch + firstSample + row) * 2654435761) % 1009;
    for (let i = 0; i < denseSize; i++)
      sum[i] += weights[i] * (seen / 1009) - 0.1 * ((seen + i) % 7);
    for (let i = 0; i < INPUTS; i++) factors[row * INPUTS + i] = ((seen + i) % 5) / 5;
    const deltas = factors.subarray(sampleCount * INPUTS + row * OUTPUTS);
    for (let o = 0; o < OUTPUTS; o++) deltas[o] = weights[denseSize + o] * ((seen + o) % 3);
  }
  canonicalise(factors, 'f32');
  canonicalise(sum, 'f32');
  return { sum, factors };
}

/** The gradient sum of the factored parameter, from the factors of all shards. */
function factoredSum(model: ModelSpec, { shards }: StepUpdate): Float32Array {
  const rows = shards.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
  const stacked = shards.map(({ sampleCount, factored }) => {
    const { factored: length } = sectionLengths(model, sampleCount);
    return { rows: sampleCount, factored: decodeGradient(factored, length, 'f32') };
  });
  return product(stackInOrder(model.parameters, stacked), rows);
}

/** inputsᵀ · deltas, summed row by row in float32. */
function product(factors: Float32Array, rows: number): Float32Array {
  const values = new Float32Array(INPUTS * OUTPUTS);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < INPUTS; i++)
      for (let o = 0; o < OUTPUTS; o++)
        values[i * OUTPUTS + o] +=
          factors[row * INPUTS + i] * factors[rows * INPUTS + row * OUTPUTS + o];
  return values;
}

/** What a run without a fault comes to. */
export interface Truth {
  readonly weights: Float32Array;
  /** `hashes[step - 1][index]` of the right contributions. */
  readonly hashes: readonly (readonly string[])[];
}

export function truthOf(spec: RunSpec, arithmetic: Arithmetic): Truth {
  let weights = arithmetic.initial();
  const hashes: string[][] = [];
  for (let step = 1; step <= totalSteps(spec); step++) {
    const computed = planStep(spec, step).map((shard) => arithmetic.compute(weights, shard));
    hashes.push(computed.map(({ sha256 }) => sha256));
    const shards = computed.map(({ totals, payload, factoredSha256 }) => ({
      ...{ sampleCount: totals.sampleCount, factored: payload.factored, factoredSha256 },
    }));
    const dense = arithmetic.reduce(computed.map(({ payload }) => payload.dense));
    weights = arithmetic.apply(weights, { shards, dense });
  }
  return { weights, hashes };
}

export function bytesOf(weights: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength));
}

export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
