import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { SnapshotEvent, StateProof, UpdateEvent } from '@lockstep/protocol';
import { createKeptFactors, type FactorsPlace } from './kept-factors.js';

/**
 * The weights that this worker holds, kept in step with the coordinator by its stream. Commands to
 * the engine run in order, so a version counts as held as soon as its update has been handed over.
 */
export interface HeldState {
  /** The last version handed to the engine; undefined before the first. */
  readonly version: number | undefined;
  /** Milliseconds that checking and applying the newest update took; 0 before the first. */
  readonly newest: { readonly decodeMs: number; readonly applyMs: number };
  /** Makes version 0, which is a pure function of the run's spec. */
  initialise(): Promise<void>;
  load(snapshot: SnapshotEvent): Promise<void>;
  /** Keeps a factored section that the next update may be made of: one that came, or an own one. */
  keepFactors(of: FactorsPlace, factored: Uint8Array): void;
  /** @throws LockstepError `protocol-violation` for a gap or where a factored section is missing */
  apply(update: UpdateEvent): Promise<void>;
  /** Resolves once `version` or a later one is held. */
  reaches(version: number, signal: AbortSignal): Promise<void>;
  /** Whether a version's weights can be evaluated without fetching them. */
  keeps(version: number): boolean;
  /** Keeps a version for evaluation; of `state` where it is not held. */
  keep(version: number, state?: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What to say when following again: the version held and the proof of it. */
  holding(): Promise<{ version?: number; stateSha256: string }>;
  /** The newest state that this worker was asked to prove. */
  readonly proof: StateProof | undefined;
  /** The bytes of that state, once, as they are given away; none of an older proof. */
  proved(of: StateProof): Uint8Array<ArrayBuffer> | undefined;
  /** Forgets the state: it cannot be trusted any more. */
  forget(): void;
}

/** Versions kept for evaluation at once. */
const MOST_KEPT = 2;

export function createHeldState(engine: Engine): HeldState {
  let version: number | undefined;
  let waiting: { version: number; resolve: () => void }[] = [];
  const kept: number[] = [];
  let newest = { decodeMs: 0, applyMs: 0 };
  const factors = createKeptFactors();
  let proof: StateProof | undefined;
  let proved: Uint8Array<ArrayBuffer> | undefined;

  const arrive = (next: number): void => {
    version = next;
    const reached = waiting.filter((each) => each.version <= next);
    waiting = waiting.filter((each) => each.version > next);
    for (const { resolve } of reached) resolve();
  };
  const keep = async (pinned: number, state?: Uint8Array<ArrayBuffer>): Promise<void> => {
    if (kept.includes(pinned)) return;
    kept.push(pinned);
    const argument = state ? { version: pinned, state } : { version: pinned };
    const pinning = engine.run('pin', argument, state ? [state.buffer] : []);
    const oldest = kept.length > MOST_KEPT ? kept.shift() : undefined;
    if (oldest !== undefined) await engine.run('unpin', { version: oldest });
    await pinning;
  };

  const prove = async (): Promise<void> => {
    const { version: at, state, stateSha256 } = await engine.run('export', {});
    proof = { version: at, stateSha256 };
    proved = state;
  };

  return {
    get version() {
      return version;
    },
    get newest() {
      return newest;
    },
    initialise: async () => {
      await engine.run('initialise', undefined);
      arrive(0);
    },
    load: async ({ version: loaded, state }) => {
      factors.clear();
      const loading = engine.run('load', { version: loaded, state }, [state.buffer]);
      arrive(loaded);
      await loading;
    },
    keepFactors: (of, factored) => {
      if (of.step === (version ?? NaN) + 1) factors.keep(of, factored);
    },
    apply: async (update) => {
      if (version === undefined || update.version !== version + 1) {
        const gap = `update ${update.version} came after version ${version ?? 'none'}`;
        throw new LockstepError('protocol-violation', gap);
      }
      const { dense, evaluated, decodeMs } = update;
      const shards = factors.of(update.version, update.shards);
      // The factored sections are not given away: an own one may still be on its way up.
      const applying = engine
        .run('apply', { version: update.version, update: { shards, dense } }, [dense.buffer])
        .then(({ applyMs }) => void (newest = { decodeMs, applyMs }));
      const work: Promise<unknown>[] = [applying];
      if (evaluated) work.push(keep(update.version));
      if (update.prove) work.push(prove());
      arrive(update.version);
      await Promise.all(work);
    },
    reaches: (wanted, signal) =>
      new Promise((resolve, reject) => {
        if (version !== undefined && version >= wanted) return resolve();
        const leave = (): void => reject(signal.reason as Error);
        if (signal.aborted) return leave();
        signal.addEventListener('abort', leave, { once: true });
        waiting.push({
          version: wanted,
          resolve: () => {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        });
        return undefined;
      }),
    keeps: (wanted) => kept.includes(wanted) || version === wanted,
    keep,
    get proof() {
      return proof;
    },
    proved: ({ version: of }) => {
      if (of !== proof?.version) return undefined;
      const bytes = proved;
      proved = undefined;
      return bytes;
    },
    holding: async () => {
      if (version === undefined) return { stateSha256: '' };
      const { stateSha256 } = await engine.run('hash', undefined);
      return { version, stateSha256 };
    },
    forget: () => {
      version = undefined;
    },
  };
}
