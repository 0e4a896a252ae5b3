import { createHash, type Hash } from 'node:crypto';
import { canonicalJson } from '@lockstep/core';
import type { DataSet } from './data-set.js';

/** A hash is given at most this many bytes at once. */
const MOST_AT_ONCE = 2 ** 26;

/**
 * SHA-256 (hex) of a data set by its values: canonical JSON of shapes, target, counts and types of the
 * values, then the training inputs and targets, then those of the test set; bytes as they are, float32
 * and int32 little-endian, as on every machine that Lockstep runs on.
 */
export function valuesHash({
  inputShape,
  target,
  train,
  test,
}: Pick<DataSet, 'inputShape' | 'target' | 'train' | 'test'>): string {
  const halves = [train, test];
  const head = {
    ...{ inputShape, target, counts: halves.map(({ count }) => count) },
    types: halves.map(({ inputs }) => (inputs instanceof Uint8Array ? 'uint8' : 'float32')),
  };
  const hash = createHash('sha256').update(canonicalJson(head));
  for (const { inputs, targets } of halves) {
    addBytes(hash, inputs);
    addBytes(hash, targets);
  }
  return hash.digest('hex');
}

function addBytes(hash: Hash, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  for (let at = 0; at < byteLength; at += MOST_AT_ONCE) {
    const length = Math.min(MOST_AT_ONCE, byteLength - at);
    hash.update(new Uint8Array(buffer, byteOffset + at, length));
  }
}
