import type { Shard, ShardFactors, StepUpdate } from '@lockstep/core';
import type { Engine } from './engine.js';

/** A step that one engine has computed alone. */
export interface ComputedStep {
  readonly update: StepUpdate;
  /** `contributionHash` of each shard, in shard order. */
  readonly hashes: readonly string[];
}

/**
 * Computes all shards of a step, with the weights of the version before it, and reduces them; the
 * weights stay as they are.
 *
 * @param clean whether to classify the samples without dropout too, as the run has done
 */
export async function computeStep(
  engine: Pick<Engine, 'run'>,
  shards: readonly Shard[],
  clean = false,
): Promise<ComputedStep> {
  const factors: ShardFactors[] = [];
  const sections: Uint8Array[] = [];
  const hashes: string[] = [];
  for (const shard of shards) {
    const { sampleCount } = shard;
    const known = (early: Omit<ShardFactors, 'sampleCount'>): void =>
      void factors.push({ sampleCount, ...early });
    const { dense, sha256 } = await engine.run('computeGradient', { shard, clean }, [], known);
    sections.push(dense);
    hashes.push(sha256);
  }
  const { dense } = await engine.run('reduceDense', { sections });
  return { update: { shards: factors, dense }, hashes };
}
