import { LockstepError, specHashAt, type Clock, type RunEvent, type RunSpec } from '@lockstep/core';
import type { Snapshot } from '@lockstep/engine';
import { type Disk, type Ledger, saveCheckpoint } from '@lockstep/store';
import type { RunEnding } from '../run/run-end.js';
import type { DiskSpace } from './disk-space.js';
import type { Replica } from './replica.js';

const KEEP = 5;
/** One that waits for its state, and one that is being written. */
const MOST_UNDER_WAY = 2;

/** A state that is on the disk. */
export type SavedState = Pick<Snapshot, 'version' | 'weightsSha256'>;

export interface CheckpointerParts {
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly spec: RunSpec;
  readonly disk: Disk;
  readonly diskSpace: DiskSpace;
  readonly replica: Pick<Replica, 'newest' | 'at'>;
  readonly ledger: Pick<Ledger, 'sync'>;
  readonly ending: Pick<RunEnding, 'fail'>;
  readonly emit: (event: RunEvent) => void;
  /** The version whose checkpoint stays until another one is kept. */
  readonly kept: number | undefined;
}

/** Saves a run's state while it trains. */
export class Checkpointer {
  readonly #parts: CheckpointerParts;
  #underWay = 0;
  /** Settled once all saves begun so far are over. */
  #last: Promise<unknown> = Promise.resolve();
  #savedVersion: number | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;
  #kept: number | undefined;

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    this.#kept = parts.kept;
  }

  /** Begins to save a version's state; does nothing while two earlier saves are under way. */
  begin(version: number): void {
    if (this.#underWay >= MOST_UNDER_WAY) return;
    const { replica, ending } = this.#parts;
    const snapshot = replica.at(version, (engine) => engine.run('export', {}));
    this.#start(snapshot).catch((error: unknown) => ending.fail(error));
  }

  /** Saves the newest state, after the saves under way. @returns which state that was */
  save(): Promise<SavedState> {
    return this.#start(this.#parts.replica.newest('export', {}));
  }

  /** Saves a state whose checkpoint stays until another one is kept, after the saves under way. */
  keep(version: number, snapshot: Promise<Snapshot>): Promise<SavedState> {
    this.#kept = version;
    return this.#start(snapshot);
  }

  /** Writes no further checkpoint; resolves when none is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  #start(snapshot: Promise<Snapshot>): Promise<SavedState> {
    this.#underWay += 1;
    snapshot.catch(() => undefined); // reported below, after the saves before it
    const saving = this.#last
      .then(() => snapshot)
      .then((state) => this.#parts.diskSpace.untilFree(() => this.#unlessClosed(state)))
      .finally(() => (this.#underWay -= 1));
    this.#last = saving.catch(() => undefined);
    return saving;
  }

  #unlessClosed(state: Snapshot): Promise<SavedState> {
    if (this.#closed) return Promise.reject(new LockstepError('internal', 'the run has ended'));
    const written = this.#write(state);
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write({ version, state, weightsSha256 }: Snapshot): Promise<SavedState> {
    const { spec, disk, ledger, emit } = this.#parts;
    const started = this.#parts.clock.monotonicNow();
    const saved = { version, weightsSha256 };
    if (version === this.#savedVersion) return saved;
    // The ledger's lines up to a checkpoint are on the disk before the checkpoint is.
    await ledger.sync();
    const specHash = specHashAt(spec, version);
    const checkpoint = { version, specHash, weightsSha256, state };
    const bytes = await saveCheckpoint(disk, checkpoint, KEEP, this.#kept);
    this.#savedVersion = version;
    const milliseconds = Math.round(this.#parts.clock.monotonicNow() - started);
    emit({ event: 'checkpoint', step: version, bytes, milliseconds });
    return saved;
  }
}
