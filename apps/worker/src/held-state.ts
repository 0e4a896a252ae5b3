import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { SnapshotEvent, UpdateEvent } from '@lockstep/protocol';

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
  /** @throws LockstepError `protocol-violation` for a gap */
  apply(update: UpdateEvent): Promise<void>;
  /** Resolves once `version` or a later one is held. */
  reaches(version: number, signal: AbortSignal): Promise<void>;
  /** Whether a version's weights can be evaluated without fetching them. */
  keeps(version: number): boolean;
  /** Keeps a version for evaluation; of `state` where it is not held. */
  keep(version: number, state?: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What to say when following again: the version held and the proof of it. */
  proof(): Promise<{ version?: number; stateSha256: string }>;
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
      const loading = engine.run('load', { version: loaded, state }, [state.buffer]);
      arrive(loaded);
      await loading;
    },
    apply: async (update) => {
      if (version === undefined || update.version !== version + 1) {
        const gap = `update ${update.version} came after version ${version ?? 'none'}`;
        throw new LockstepError('protocol-violation', gap);
      }
      const { rows, payload, stateSha256, evaluated, decodeMs } = update;
      const applying = engine
        .run('apply', { version: update.version, rows, payload }, [payload.buffer])
        .then(({ applyMs }) => void (newest = { decodeMs, applyMs }));
      const work: Promise<unknown>[] = [applying];
      if (evaluated) work.push(keep(update.version));
      if (stateSha256 !== undefined) work.push(mustHold(engine, update.version, stateSha256));
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
    proof: async () => {
      if (version === undefined) return { stateSha256: '' };
      const { stateSha256 } = await engine.run('hash', undefined);
      return { version, stateSha256 };
    },
    forget: () => {
      version = undefined;
    },
  };
}

/** The coordinator says what the state must be: a worker that holds another has computed wrongly. */
async function mustHold(engine: Engine, version: number, stateSha256: string): Promise<void> {
  const held = await engine.run('hash', undefined);
  if (held.stateSha256 === stateSha256) return;
  throw new LockstepError(
    'protocol-violation',
    `the state of version ${version} is not the coordinator's`,
    { remedy: 'a snapshot is fetched; if it comes back, take this machine out of service' },
  );
}
