import type { Contribution } from '@lockstep/core';

/**
 * The contributions of the open step that count or may still count, by shard and hash: two shards may
 * have equal bytes, for example all zeros.
 */
export class KeptContributions {
  #kept = new Map<string, Contribution>();

  /** @returns whether it was not kept before */
  keep(contribution: Contribution): boolean {
    const key = keyOf(contribution.index, contribution.sha256);
    const isNew = !this.#kept.has(key);
    this.#kept.set(key, contribution);
    return isNew;
  }

  drop({ index, sha256 }: Contribution): void {
    this.#kept.delete(keyOf(index, sha256));
  }

  /**
   * Ends the step.
   *
   * @param hashes of the committed contributions, in shard order
   * @returns those of them that are kept, in shard order
   */
  takeCommitted(hashes: readonly string[]): readonly Contribution[] {
    const kept = this.#kept;
    this.#kept = new Map();
    return hashes.flatMap((sha256, index) => kept.get(keyOf(index, sha256)) ?? []);
  }
}

function keyOf(index: number, sha256: string): string {
  return `${index}:${sha256}`;
}
