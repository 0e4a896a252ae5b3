import { updateBytes, type StepUpdate } from '@lockstep/core';

/** A step's update, as it is applied. */
export interface AppliedUpdate {
  readonly version: number;
  readonly update: StepUpdate;
}

interface Entry {
  readonly logged: AppliedUpdate;
  readonly bytes: number;
  /** Where it begins in the ring; absent if it is not in the ring. */
  readonly offset?: number;
}

const ALIGNMENT = 8;
/** The ring holds this many updates of the first one's size: more than usually wait between audits. */
const UPDATES_IN_RING = 64;

/**
 * Updates that wait to be applied, oldest first. Their bytes are in one ring buffer: separate buffers
 * would outlive the young generation, and V8 collects its whole heap, dropping optimised code too,
 * for every 64 MB of them.
 */
export class UpdateLog {
  readonly #mostBytes: number;
  #ring = new Uint8Array(0);
  #entries: Entry[] = [];
  /** Where the newest update's bytes end in the ring. */
  #end = 0;

  /** @param mostBytes most bytes of the ring, which is allocated with the first update */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get steps(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Copies an update's bytes into the ring; if it is full, the update is kept as it is. */
  append(logged: AppliedUpdate): void {
    const { shards, dense } = logged.update;
    const bytes = updateBytes(logged.update);
    const length = bytes + ALIGNMENT * (shards.length + 1);
    if (this.#ring.length === 0) {
      this.#ring = new Uint8Array(Math.min(this.#mostBytes, UPDATES_IN_RING * length));
    }
    const offset = this.#place(length);
    if (offset === undefined) {
      this.#entries.push({ logged, bytes });
      return;
    }
    this.#end = offset;
    const put = (values: Uint8Array): Uint8Array => {
      const copy = this.#ring.subarray(this.#end, this.#end + values.length);
      copy.set(values);
      this.#end += Math.ceil(values.length / ALIGNMENT) * ALIGNMENT;
      return copy;
    };
    const update = withBytes({ shards, dense }, put);
    this.#entries.push({ logged: { version: logged.version, update }, bytes, offset });
  }

  /** Removes all updates up to a version, oldest first, with buffers that can be transferred. */
  take(version: number): readonly AppliedUpdate[] {
    return this.#remove(version).map(owned);
  }

  /** Drops all updates up to a version. @returns the one of that version */
  skip(version: number): AppliedUpdate | undefined {
    const last = this.#remove(version).at(-1);
    return last?.logged.version === version ? owned(last) : undefined;
  }

  /** An offset with `length` free bytes, behind the newest update and before the oldest. */
  #place(length: number): number | undefined {
    const start = this.#entries.find(({ offset }) => offset !== undefined)?.offset;
    if (start === undefined) return length <= this.#ring.length ? 0 : undefined;
    if (this.#end <= start) return this.#end + length <= start ? this.#end : undefined;
    if (this.#end + length <= this.#ring.length) return this.#end;
    return length <= start ? 0 : undefined;
  }

  #remove(version: number): readonly Entry[] {
    const removed = this.#entries.filter(({ logged }) => logged.version <= version);
    this.#entries = this.#entries.slice(removed.length);
    return removed;
  }
}

function owned({ logged, offset }: Entry): AppliedUpdate {
  if (offset === undefined) return logged;
  const copy = (values: Uint8Array): Uint8Array => Uint8Array.from(values);
  return { version: logged.version, update: withBytes(logged.update, copy) };
}

function withBytes(
  { shards, dense }: StepUpdate,
  bytesOf: (values: Uint8Array) => Uint8Array,
): StepUpdate {
  return {
    shards: shards.map((shard) => ({ ...shard, factored: bytesOf(shard.factored) })),
    dense: bytesOf(dense),
  };
}
