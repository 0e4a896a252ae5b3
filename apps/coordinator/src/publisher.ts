import type { Engine } from '@lockstep/engine';
import {
  encodeSnapshot,
  encodeUpdate,
  encodeUpToDate,
  type EncodedMessage,
  type Follower,
} from '@lockstep/protocol';

/** An update as it goes out. */
export interface OutgoingUpdate {
  readonly version: number;
  /** Samples of the step. */
  readonly rows: number;
  readonly payload: Uint8Array;
  /** Whether the version will be evaluated, so that workers keep it. */
  readonly evaluated: boolean;
  /** SHA-256 of the state after it, where all are to prove that they agree. */
  readonly stateSha256?: string;
}

/** What went out to the followers. */
export interface Sent {
  /** To each of them. */
  readonly bytes: number;
  readonly followers: number;
}

/** What a follower says it holds. */
export interface Holding {
  readonly version: number | undefined;
  readonly stateSha256: string;
}

/**
 * Brings every follower to the newest version and keeps it there: either nothing is missing, or an
 * immutable snapshot and then every update without a gap.
 */
export interface Publisher {
  /**
   * Sends an update to everybody. In the same turn of the event loop the caller hands it to the
   * engine, so that a snapshot asked for later holds it.
   */
  publish(update: OutgoingUpdate): Sent;
  /** Sends the whole state, as the engine holds it once it has done all it was asked, to everybody. */
  publishState(): Promise<Sent>;
  /** Takes a new follower in; `ready` is called once its state has been sent. */
  follow(follower: Follower, holding: Holding): Promise<void>;
  /** Sends something to every follower that is up to date or on its way there. */
  broadcast(message: EncodedMessage): void;
}

interface Reader {
  readonly follower: Follower;
  /** Updates published while its snapshot is being made; undefined once it is live. */
  backlog: { version: number; message: EncodedMessage }[] | undefined;
}

export function createPublisher(engine: Engine): Publisher {
  const readers = new Set<Reader>();
  let version: number | undefined;
  let snapshot: { version: number | undefined; message: Promise<Exported> } | undefined;

  const currentSnapshot = (): Promise<Exported> => {
    // Newcomers between two updates share one snapshot.
    if (!snapshot || snapshot.version !== version)
      snapshot = { version, message: exportState(engine) };
    return snapshot.message;
  };

  return {
    publish: (update) => {
      version = update.version;
      snapshot = undefined;
      const message = encodeUpdate(update);
      for (const { follower, backlog } of readers) {
        if (backlog) backlog.push({ version: update.version, message });
        else follower.send(message);
      }
      return { bytes: message.bytes, followers: readers.size };
    },
    publishState: async () => {
      const state = await exportState(engine);
      version = state.version;
      snapshot = { version, message: Promise.resolve(state) };
      for (const { follower, backlog } of readers) {
        if (backlog) backlog.push(state);
        else follower.send(state.message);
      }
      return { bytes: state.message.bytes, followers: readers.size };
    },
    follow: async (follower, holding) => {
      const reader: Reader = { follower, backlog: [] };
      readers.add(reader);
      follower.signal.addEventListener('abort', () => readers.delete(reader), { once: true });
      const held = await holds(engine, holding);
      const exported = held === undefined ? await currentSnapshot() : undefined;
      const start = held ?? exported?.version ?? 0;
      if (exported) follower.send(exported.message);
      for (const { version: next, message } of reader.backlog ?? []) {
        if (next > start) follower.send(message);
      }
      reader.backlog = undefined;
      follower.send(encodeUpToDate(version ?? start));
    },
    broadcast: (message) => {
      for (const { follower } of readers) follower.send(message);
    },
  };
}

interface Exported {
  readonly version: number;
  readonly message: EncodedMessage;
}

async function exportState(engine: Engine): Promise<Exported> {
  const { version, state, stateSha256 } = await engine.run('export', {});
  return { version, message: encodeSnapshot({ version, state, sha256: stateSha256 }) };
}

/** The follower's version, if it is the newest and its state is the coordinator's, bit for bit. */
async function holds(engine: Engine, holding: Holding): Promise<number | undefined> {
  if (holding.version === undefined) return undefined;
  const { version, stateSha256 } = await engine.run('hash', undefined);
  return version === holding.version && stateSha256 === holding.stateSha256 ? version : undefined;
}
