import { createHash } from 'node:crypto';
import {
  contributionHash,
  decodeGradient,
  encodeGradient,
  type RunSpec,
  type Shard,
} from '@lockstep/core';
import { planStep } from '@lockstep/data';
import type { ComputedShard } from '@lockstep/engine';

/** Numbers small enough to simulate, and as sensitive to order as large ones: float32 sums. */
export interface Arithmetic {
  initial(): Float32Array;
  compute(weights: Float32Array, shard: Shard): ComputedShard;
  reduce(payloads: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  apply(weights: Float32Array, update: Uint8Array): Float32Array;
  /** A gradient with another first value. */
  altered(payload: Uint8Array, change: (first: number) => number): Uint8Array<ArrayBuffer>;
}

/** @param flat every gradient is zero, so that all answers of a step have equal bytes */
export function createArithmetic(spec: RunSpec, flat: boolean): Arithmetic {
  const size = spec.model.parameters[0]?.shape[0] ?? 0;
  return {
    initial: () => Float32Array.from({ length: size }, (_, i) => Math.fround(0.37 * (i + 1))),
    compute: (weights, { step, firstSample, sampleCount }) => {
      const sum = new Float32Array(size);
      for (let sample = firstSample; sample < firstSample + sampleCount; sample++) {
        const seen = ((step * spec.batch + sample) * 2654435761) % 1009;
        if (flat) continue;
        for (let i = 0; i < size; i++)
          sum[i] += weights[i] * (seen / 1009) - 0.1 * ((seen + i) % 7);
      }
      const payload = encodeGradient(sum, 'f32');
      const totals = { sampleCount, lossSum: flat ? 0 : Math.abs(sum[0]), correctCount: 1 };
      return {
        totals,
        payload,
        sha256: contributionHash(totals, payload),
        computeMs: 1,
        encodeMs: 0,
      };
    },
    reduce: (payloads) => {
      const sum = new Float32Array(size);
      for (const payload of payloads) {
        decodeGradient(payload, size, 'f32').forEach((value, i) => (sum[i] += value));
      }
      return encodeGradient(sum, 'f32');
    },
    apply: (weights, update) => {
      const rate = spec.optimizer.learningRate / spec.batch;
      const sum = decodeGradient(update, size, 'f32');
      return weights.map((weight, i) => weight - rate * sum[i]);
    },
    altered: (payload, change) => {
      const values = decodeGradient(payload, size, 'f32');
      values[0] = change(values[0]);
      return encodeGradient(values, 'f32');
    },
  };
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
  for (let step = 1; step <= spec.steps; step++) {
    const computed = planStep(spec, step).map((shard) => arithmetic.compute(weights, shard));
    hashes.push(computed.map(({ sha256 }) => sha256));
    weights = arithmetic.apply(weights, arithmetic.reduce(computed.map(({ payload }) => payload)));
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
