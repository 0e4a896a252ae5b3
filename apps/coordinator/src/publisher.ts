import type { StepUpdate } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import {
  encodeFactors,
  encodeSnapshot,
  encodeUpdate,
  encodeUpToDate,
  type EncodedMessage,
  type Follower,
  type PassingMessage,
} from '@lockstep/protocol';

/** An update as it goes out. */
export interface OutgoingUpdate {
  readonly version: number;
  readonly update: StepUpdate;
  /** Whether the version will be evaluated, so that workers keep it. */
  readonly evaluated: boolean;
  /** Whether everybody is to prove that they agree on the state after it. */
  readonly prove: boolean;
}

/** A factored section that a worker has sent, before it is known whether it counts. */
export interface SentOnFactors {
  readonly step: number;
  readonly index: number;
  readonly factored: Uint8Array;
  readonly factoredSha256: string;
}

/** What went out to the followers. */
export interface Sent {
  /** To each of them, on average. */
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
   * Sends a factored section on, to everybody but its author, who has it: once, whoever else
   * computes the same.
   *
   * @param author id of the worker it came from
   */
  sendOn(author: string, factors: SentOnFactors): void;
  /**
   * Sends an update to everybody, and before it those of its factored sections that are missing. In
   * the same turn of the event loop the caller hands it to the engine, so that a snapshot asked for
   * later holds it.
   */
  publish(update: OutgoingUpdate): Sent;
  /** Sends the whole state, as the engine holds it once it has done all it was asked, to everybody. */
  publishState(): Promise<Sent>;
  /** Takes a new follower in: sends it what it lacks, and then that it is up to date. */
  follow(worker: string, follower: Follower, holding: Holding): Promise<void>;
  /** Sends something to every follower that is up to date or on its way there. */
  broadcast(message: EncodedMessage): void;
}

interface Reader {
  readonly worker: string;
  readonly follower: Follower;
  /** What was published while its snapshot is being made; undefined once it is live. */
  backlog: Published[] | undefined;
}

interface Published {
  /** What it is a part of. */
  readonly version: number;
  readonly message: EncodedMessage;
}

/** What is sent as it is published, and kept for whoever is not live yet. */
interface Passing extends Published {
  readonly message: PassingMessage;
}

export function createPublisher(engine: Engine): Publisher {
  const readers = new Set<Reader>();
  let version: number | undefined;
  /** Factored sections of the step after `version`, by `keyOf`: nobody is given them before `publish`. */
  const sentOn = new Map<string, Passing>();
  let sentBytes = 0;
  let snapshot: { version: number | undefined; message: Promise<Exported> } | undefined;

  const currentSnapshot = (): Promise<Exported> => {
    // Newcomers between two updates share one snapshot.
    if (!snapshot || snapshot.version !== version)
      snapshot = { version, message: exportState(engine) };
    return snapshot.message;
  };

  const send = (published: Passing, author?: string): void => {
    for (const { worker, follower, backlog } of readers) {
      // Whoever is not live yet may be the author come anew, who has lost it.
      if (backlog) backlog.push(kept(published));
      else if (worker === author) continue;
      else follower.send(published.message);
      sentBytes += published.message.bytes;
    }
  };
  const sendOn = (author: string | undefined, factors: SentOnFactors): void => {
    const { step, index, factored, factoredSha256: sha256 } = factors;
    const key = keyOf(factors);
    if (factored.length === 0 || sentOn.has(key)) return;
    const message = encodeFactors({ step, index, factored, sha256 });
    sentOn.set(key, { version: step, message });
    send({ version: step, message }, author);
  };

  return {
    sendOn,
    publish: ({ version: step, update, evaluated, prove }) => {
      update.shards.forEach((shard, index) => sendOn(undefined, { ...shard, step, index }));
      version = step;
      snapshot = undefined;
      sentOn.clear();
      const shards = update.shards.map(({ sampleCount, factoredSha256 }) => ({
        ...{ sampleCount, factoredSha256 },
      }));
      send({
        version: step,
        message: encodeUpdate({ version: step, shards, dense: update.dense, evaluated, prove }),
      });
      const followers = readers.size;
      const bytes = followers === 0 ? 0 : Math.round(sentBytes / followers);
      sentBytes = 0;
      return { bytes, followers };
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
    follow: async (worker, follower, holding) => {
      const reader: Reader = { worker, follower, backlog: [...sentOn.values()].map(kept) };
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

function kept({ version, message }: Passing): Published {
  return { version, message: message.kept() };
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

function keyOf({ step, index, factoredSha256 }: SentOnFactors): string {
  return `${step}:${index}:${factoredSha256}`;
}
