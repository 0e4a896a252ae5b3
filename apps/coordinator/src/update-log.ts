import { updateBytes, type StepUpdate } from '@lockstep/core';

/** A step's update, as it is applied. */
export interface AppliedUpdate {
  readonly version: number;
  readonly update: StepUpdate;
}

/**
 * Updates that wait to be applied, oldest first. Their bytes lie in one ring: as buffers of their own
 * they would outlive the young generation, and V8 collects its whole heap whenever 64 MB of such have
 * come, which also throws optimised code away.
 */
export interface UpdateLog {
  readonly steps: number;
  readonly bytes: number;
  /** Copies an update's bytes; where the ring has no room for them, they are kept as they are. */
  append(update: AppliedUpdate): void;
  /** Takes out all up to a version, oldest first, with bytes that can be given away. */
  take(version: number): readonly AppliedUpdate[];
  /** Takes out all up to a version. @returns the one of that version */
  skip(version: number): AppliedUpdate | undefined;
}

interface Entry {
  readonly logged: AppliedUpdate;
  readonly bytes: number;
  /** Where it begins in the ring; absent where it lies elsewhere. */
  readonly offset?: number;
}

const ALIGNMENT = 8;
/** So many updates like the first have room: more than usually wait between two settlements. */
const ROOM_FOR = 64;

/** @param mostBytes the ring is no larger, and made when the first update comes */
export function createUpdateLog(mostBytes: number): UpdateLog {
  let ring = new Uint8Array(0);
  let entries: Entry[] = [];
  let end = 0;

  /** Where so many bytes fit, behind the newest and before the oldest. */
  const place = (length: number): number | undefined => {
    const start = entries.find(({ offset }) => offset !== undefined)?.offset;
    if (start === undefined) return length <= ring.length ? 0 : undefined;
    if (end <= start) return end + length <= start ? end : undefined;
    if (end + length <= ring.length) return end;
    return length <= start ? 0 : undefined;
  };
  const entryOf = (logged: AppliedUpdate): Entry => {
    const { shards, dense } = logged.update;
    const bytes = updateBytes(logged.update);
    const length = bytes + ALIGNMENT * (shards.length + 1);
    if (ring.length === 0) ring = new Uint8Array(Math.min(mostBytes, ROOM_FOR * length));
    const offset = place(length);
    if (offset === undefined) return { logged, bytes };
    end = offset;
    const put = (values: Uint8Array): Uint8Array => {
      const copy = ring.subarray(end, end + values.length);
      copy.set(values);
      end += Math.ceil(values.length / ALIGNMENT) * ALIGNMENT;
      return copy;
    };
    const update = withBytes({ shards, dense }, put);
    return { logged: { version: logged.version, update }, bytes, offset };
  };
  const takeOut = (version: number): readonly Entry[] => {
    const taken = entries.filter(({ logged }) => logged.version <= version);
    entries = entries.slice(taken.length);
    return taken;
  };

  return {
    get steps() {
      return entries.length;
    },
    get bytes() {
      return entries.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    append: (logged) => void entries.push(entryOf(logged)),
    take: (version) => takeOut(version).map(owned),
    skip: (version) => {
      const last = takeOut(version).at(-1);
      return last?.logged.version === version ? owned(last) : undefined;
    },
  };
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
