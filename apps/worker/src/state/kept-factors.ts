import { createHash } from 'node:crypto';
import { LockstepError, type ShardFactors } from '@lockstep/core';
import type { UpdateShard } from '@lockstep/protocol';

/** Names a factored section. */
export interface FactorsPlace {
  readonly step: number;
  readonly index: number;
  /** SHA-256 of the section, hex. */
  readonly sha256: string;
}

const NOTHING = new Uint8Array(0);
/** For a model without factored parameters, no section is sent on. */
const NOTHING_SHA256 = createHash('sha256').digest('hex');

/** Factored sections, received or computed here, until the update that says which of them count. */
export class KeptFactors {
  readonly #sections = new Map<string, Uint8Array>();

  keep(place: FactorsPlace, factored: Uint8Array): void {
    this.#sections.set(keyOf(place), factored);
  }

  /**
   * The sections that a step's update consists of; all others are forgotten.
   *
   * @throws LockstepError `protocol-violation` where one is missing
   */
  take(step: number, shards: readonly UpdateShard[]): readonly ShardFactors[] {
    const taken = shards.map(({ sampleCount, factoredSha256 }, index) => ({
      ...{ sampleCount, factoredSha256 },
      factored: this.#sectionOf({ step, index, sha256: factoredSha256 }),
    }));
    this.clear();
    return taken;
  }

  clear(): void {
    this.#sections.clear();
  }

  #sectionOf(place: FactorsPlace): Uint8Array {
    if (place.sha256 === NOTHING_SHA256) return NOTHING;
    const factored = this.#sections.get(keyOf(place));
    if (factored) return factored;
    const { step, index } = place;
    const what = `the factors of step ${step} shard ${index} have not come before the update`;
    throw new LockstepError('protocol-violation', what);
  }
}

function keyOf({ step, index, sha256 }: FactorsPlace): string {
  return `${step}:${index}:${sha256}`;
}
