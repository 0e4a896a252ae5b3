import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { SnapshotEvent, StateProof, UpdateEvent } from '@lockstep/protocol';
import { KeptFactors, type FactorsPlace } from './kept-factors.js';

/** Versions kept for evaluation at once. */
const MOST_KEPT = 2;

/**
 * The weights that this worker holds, kept in step with the coordinator by the update stream. The
 * engine runs commands in order, so a version counts as held once its update has been sent to it.
 */
export class HeldState {
  readonly #engine: Engine;
  #version: number | undefined;
  #waiting: { readonly version: number; readonly resolve: () => void }[] = [];
  /** Versions kept for evaluation, the oldest first. */
  readonly #kept: number[] = [];
  readonly #factors = new KeptFactors();
  #newest = { decodeMs: 0, applyMs: 0 };
  #proof: StateProof | undefined;
  #provedState: Uint8Array<ArrayBuffer> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The last version sent to the engine; undefined before the first. */
  get version(): number | undefined {
    return this.#version;
  }

  /** Milliseconds that checking and applying the newest update took; 0 before the first. */
  get newest(): { readonly decodeMs: number; readonly applyMs: number } {
    return this.#newest;
  }

  /** The newest proof that the coordinator asked for. */
  get proof(): StateProof | undefined {
    return this.#proof;
  }

  /** Makes version 0, which is a pure function of the run's spec. */
  async initialise(): Promise<void> {
    await this.#engine.run('initialise', undefined);
    this.#reach(0);
  }

  async load({ version, state }: SnapshotEvent): Promise<void> {
    this.#factors.clear();
    const loading = this.#engine.run('load', { version, state }, [state.buffer]);
    this.#reach(version);
    await loading;
  }

  /** Keeps a factored section, received or computed here, that the next update may consist of. */
  keepFactors(place: FactorsPlace, factored: Uint8Array): void {
    if (place.step === (this.#version ?? NaN) + 1) this.#factors.keep(place, factored);
  }

  /** @throws LockstepError `protocol-violation` for a gap, or where a factored section is missing */
  async apply(update: UpdateEvent): Promise<void> {
    const { version, dense, evaluated, decodeMs, prove } = update;
    if (this.#version === undefined || version !== this.#version + 1) {
      const gap = `update ${version} came after version ${this.#version ?? 'none'}`;
      throw new LockstepError('protocol-violation', gap);
    }
    const shards = this.#factors.take(version, update.shards);
    // The factored sections are copied, not given away: one may still be being uploaded.
    const applying = this.#engine
      .run('apply', { version, update: { shards, dense } }, [dense.buffer])
      .then(({ applyMs }) => void (this.#newest = { decodeMs, applyMs }));
    const work: Promise<unknown>[] = [applying];
    if (evaluated) work.push(this.keep(version));
    if (prove) work.push(this.#prove());
    this.#reach(version);
    await Promise.all(work);
  }

  /** Resolves once `version` or a later one is held; rejects with the signal's reason. */
  reaches(version: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#version !== undefined && this.#version >= version) return resolve();
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((each) => each.resolve !== reached);
        reject(signal.reason as Error);
      };
      const reached = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push({ version, resolve: reached });
      return undefined;
    });
  }

  /** Whether a version's weights can be evaluated without fetching them. */
  keeps(version: number): boolean {
    return this.#kept.includes(version) || this.#version === version;
  }

  /** Keeps a version for evaluation, from `state` if it is not held. */
  async keep(version: number, state?: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#kept.includes(version)) return;
    this.#kept.push(version);
    const argument = state ? { version, state } : { version };
    const pinning = this.#engine.run('pin', argument, state ? [state.buffer] : []);
    const oldest = this.#kept.length > MOST_KEPT ? this.#kept.shift() : undefined;
    if (oldest !== undefined) await this.#engine.run('unpin', { version: oldest });
    await pinning;
  }

  /** The bytes of the state that a proof is of, once; undefined for an older proof. */
  proved({ version }: StateProof): Uint8Array<ArrayBuffer> | undefined {
    if (version !== this.#proof?.version) return undefined;
    const state = this.#provedState;
    this.#provedState = undefined;
    return state;
  }

  /** What a `Follow` request says: the version held, and the hash of its state. */
  async holding(): Promise<{ version?: number; stateSha256: string }> {
    if (this.#version === undefined) return { stateSha256: '' };
    const version = this.#version;
    const { stateSha256 } = await this.#engine.run('hash', undefined);
    return { version, stateSha256 };
  }

  /** Forgets a state that cannot be trusted. */
  forget(): void {
    this.#version = undefined;
  }

  #reach(version: number): void {
    this.#version = version;
    const reached = this.#waiting.filter((each) => each.version <= version);
    this.#waiting = this.#waiting.filter((each) => each.version > version);
    for (const { resolve } of reached) resolve();
  }

  async #prove(): Promise<void> {
    const { version, state, stateSha256 } = await this.#engine.run('export', {});
    this.#proof = { version, stateSha256 };
    this.#provedState = state;
  }
}
