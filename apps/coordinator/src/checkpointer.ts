import type { Snapshot } from '@lockstep/engine';
import type { Replica } from './replica.js';
import type { RoomOnDisk } from './room-on-disk.js';
import { type Disk, type Ledger, saveCheckpoint } from '@lockstep/store';

const KEEP = 5;
/** One that waits for its state, and one that is written. */
const MOST_UNDER_WAY = 2;

/** A state that is on the disk. */
export type SavedState = Pick<Snapshot, 'version' | 'weightsSha256'>;

/** Saves a run's state beside its training. */
export interface Checkpointer {
  /** Begins to save a version's state; does nothing while two earlier saves are still under way. */
  begin(version: number): void;
  /** Saves the state as it is now, after what is under way. @returns which state that was */
  save(): Promise<SavedState>;
}

export interface CheckpointerParts {
  readonly disk: Disk;
  readonly room: RoomOnDisk;
  readonly replica: Pick<Replica, 'engine' | 'at'>;
  readonly ledger: Ledger;
  /** Of the spec that led to a version. */
  readonly specHashAt: (version: number) => string;
  readonly saved: (checkpoint: { step: number; bytes: number; milliseconds: number }) => void;
  readonly failed: (error: unknown) => void;
}

export function createCheckpointer(parts: CheckpointerParts): Checkpointer {
  let underWay = 0;
  /** Settled once all saves begun so far are over. */
  let last: Promise<unknown> = Promise.resolve();
  let savedVersion: number | undefined;

  const save = async ({ version, state, weightsSha256 }: Snapshot): Promise<SavedState> => {
    const started = performance.now();
    const saved = { version, weightsSha256 };
    if (version === savedVersion) return saved;
    // A checkpoint never knows more than the ledger: its steps are on the disk before it is.
    await parts.ledger.sync();
    const specHash = parts.specHashAt(version);
    const checkpoint = { version, specHash, weightsSha256, state };
    const bytes = await saveCheckpoint(parts.disk, checkpoint, KEEP);
    savedVersion = version;
    const milliseconds = Math.round(performance.now() - started);
    parts.saved({ step: version, bytes, milliseconds });
    return saved;
  };
  const start = (snapshot: Promise<Snapshot>): Promise<SavedState> => {
    underWay += 1;
    snapshot.catch(() => undefined); // it is told in its turn
    const mine = last
      .then(() => snapshot)
      .then((state) => parts.room.untilRoom(() => save(state)))
      .finally(() => (underWay -= 1));
    last = mine.catch(() => undefined);
    return mine;
  };

  return {
    begin: (version) => {
      if (underWay >= MOST_UNDER_WAY) return;
      start(parts.replica.at(version, (engine) => engine.run('export', {}))).catch(parts.failed);
    },
    save: () => start(parts.replica.engine.run('export', {})),
  };
}
