import { createHash } from 'node:crypto';
import { LockstepError, type ShardFactors } from '@lockstep/core';
import type { UpdateShard } from '@lockstep/protocol';

/** Which factored section it is. */
export interface FactorsPlace {
  readonly step: number;
  readonly index: number;
  /** SHA-256 of it, hex. */
  readonly sha256: string;
}

/** Factored sections that came, or were computed here, until the update that says which count. */
export interface KeptFactors {
  keep(place: FactorsPlace, factored: Uint8Array): void;
  /**
   * Those that a step's update is made of; all others are forgotten.
   *
   * @throws LockstepError `protocol-violation` where one is missing
   */
  of(step: number, shards: readonly UpdateShard[]): readonly ShardFactors[];
  clear(): void;
}

const NOTHING = new Uint8Array(0);
/** Of a model in which nothing is factored, no section is sent on. */
const NOTHING_SHA256 = createHash('sha256').digest('hex');

export function createKeptFactors(): KeptFactors {
  const kept = new Map<string, Uint8Array>();
  const sectionOf = (place: FactorsPlace): Uint8Array => {
    if (place.sha256 === NOTHING_SHA256) return NOTHING;
    const factored = kept.get(keyOf(place));
    if (factored) return factored;
    const { step, index } = place;
    const what = `the factors of step ${step} shard ${index} have not come before the update`;
    throw new LockstepError('protocol-violation', what);
  };
  return {
    keep: (place, factored) => void kept.set(keyOf(place), factored),
    of: (step, shards) => {
      const sections = shards.map(({ sampleCount, factoredSha256 }, index) => ({
        ...{ sampleCount, factoredSha256 },
        factored: sectionOf({ step, index, sha256: factoredSha256 }),
      }));
      kept.clear();
      return sections;
    },
    clear: () => kept.clear(),
  };
}

function keyOf({ step, index, sha256 }: FactorsPlace): string {
  return `${step}:${index}:${sha256}`;
}
