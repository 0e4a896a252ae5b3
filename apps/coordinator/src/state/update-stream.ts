import type { StepUpdate } from '@lockstep/core';
import {
  encodeFactors,
  encodeSnapshot,
  encodeUpdate,
  encodeUpToDate,
  type EncodedMessage,
  type Follower,
  type PassingMessage,
} from '@lockstep/protocol';
import type { StreamMessage, WorkerRecord, WorkerStream } from '../workers/worker-record.js';
import type { WorkerRegistry } from '../workers/worker-registry.js';
import type { Replica } from './replica.js';

/** An update to publish. */
export interface OutgoingUpdate {
  readonly version: number;
  readonly update: StepUpdate;
  /** Whether the version will be evaluated, so that workers keep it. */
  readonly evaluated: boolean;
  /** Whether the workers must prove the state after it. */
  readonly prove: boolean;
}

/** A contribution's factored section, sent before the contribution is known to count. */
export interface EarlySection {
  readonly step: number;
  readonly index: number;
  readonly factored: Uint8Array;
  readonly factoredSha256: string;
}

/** What was sent to the followers. */
export interface Sent {
  /** Bytes to each of them, on average. */
  readonly bytes: number;
  readonly followers: number;
}

/** The state that a follower reports to hold. */
export interface HeldState {
  readonly version: number | undefined;
  readonly stateSha256: string;
}

/** A message that is sent as it is published, and copied for followers that wait for a snapshot. */
interface PassingStreamMessage extends StreamMessage {
  readonly message: PassingMessage;
}

interface Snapshot {
  readonly version: number;
  readonly message: EncodedMessage;
}

/**
 * Brings every worker to the newest version and keeps it there: either nothing is missing, or an
 * immutable snapshot and then every update without a gap.
 */
export class UpdateStream {
  readonly #workers: Pick<WorkerRegistry, 'present'>;
  readonly #replica: Pick<Replica, 'newest'>;
  #version: number | undefined;
  /** Sections of the step after `#version` that were sent early, by `keyOf`. */
  readonly #early = new Map<string, PassingStreamMessage>();
  #sentBytes = 0;
  #snapshot: { version: number | undefined; made: Promise<Snapshot> } | undefined;

  constructor(workers: Pick<WorkerRegistry, 'present'>, replica: Pick<Replica, 'newest'>) {
    this.#workers = workers;
    this.#replica = replica;
  }

  /**
   * Sends a factored section to all workers but its author. A section is sent once, even if several
   * workers compute the same.
   *
   * @param author id of the worker that contributed it
   */
  sendEarly(author: string, section: EarlySection): void {
    this.#sendSection(author, section);
  }

  /**
   * Sends an update to all workers, after those of its factored sections that have not been sent yet.
   * The caller gives it to the replica in the same turn of the event loop, so that a snapshot
   * requested later includes it.
   */
  publish({ version, update, evaluated, prove }: OutgoingUpdate): Sent {
    update.shards.forEach((shard, index) =>
      this.#sendSection(undefined, { ...shard, step: version, index }),
    );
    this.#version = version;
    this.#snapshot = undefined;
    this.#early.clear();
    const shards = update.shards.map(({ sampleCount, factoredSha256 }) => ({
      ...{ sampleCount, factoredSha256 },
    }));
    const message = encodeUpdate({ version, shards, dense: update.dense, evaluated, prove });
    this.#send({ version, message });
    const followers = this.#streams().length;
    const bytes = followers === 0 ? 0 : Math.round(this.#sentBytes / followers);
    this.#sentBytes = 0;
    return { bytes, followers };
  }

  /** Sends the whole newest state to all workers. */
  async publishState(): Promise<Sent> {
    const state = await this.#exportState();
    this.#version = state.version;
    this.#snapshot = { version: state.version, made: Promise.resolve(state) };
    const streams = this.#streams();
    for (const { stream } of streams) {
      if (stream.backlog) stream.backlog.push(state);
      else stream.follower.send(state.message);
    }
    return { bytes: state.message.bytes, followers: streams.length };
  }

  /** Opens a worker's stream: sends what the worker lacks, then that it is up to date. */
  async follow(worker: WorkerRecord, follower: Follower, held: HeldState): Promise<void> {
    const stream: WorkerStream = { follower, backlog: [...this.#early.values()].map(kept) };
    worker.stream = stream;
    const isCurrent = await this.#isNewest(held);
    const snapshot = isCurrent ? undefined : await this.#sharedSnapshot();
    const start = (isCurrent ? held.version : snapshot?.version) ?? 0;
    if (snapshot) follower.send(snapshot.message);
    for (const { version, message } of stream.backlog ?? []) {
      if (version > start) follower.send(message);
    }
    stream.backlog = undefined;
    follower.send(encodeUpToDate(this.#version ?? start));
  }

  /** Sends a message to every worker whose stream is open. */
  broadcast(message: EncodedMessage): void {
    for (const { stream } of this.#streams()) stream.follower.send(message);
  }

  #streams(): readonly { readonly id: string; readonly stream: WorkerStream }[] {
    return this.#workers
      .present()
      .flatMap(({ id, stream }) =>
        stream && !stream.follower.signal.aborted ? [{ id, stream }] : [],
      );
  }

  #sendSection(author: string | undefined, section: EarlySection): void {
    const { step, index, factored, factoredSha256: sha256 } = section;
    const key = keyOf(section);
    if (factored.length === 0 || this.#early.has(key)) return;
    const message = encodeFactors({ step, index, factored, sha256 });
    this.#early.set(key, { version: step, message });
    this.#send({ version: step, message }, author);
  }

  #send(published: PassingStreamMessage, author?: string): void {
    for (const { id, stream } of this.#streams()) {
      // A worker that waits for a snapshot may be the author, registered anew without its section.
      if (stream.backlog) stream.backlog.push(kept(published));
      else if (id === author) continue;
      else stream.follower.send(published.message);
      this.#sentBytes += published.message.bytes;
    }
  }

  /** One snapshot for all workers that join between two updates. */
  #sharedSnapshot(): Promise<Snapshot> {
    if (!this.#snapshot || this.#snapshot.version !== this.#version) {
      this.#snapshot = { version: this.#version, made: this.#exportState() };
    }
    return this.#snapshot.made;
  }

  async #exportState(): Promise<Snapshot> {
    const { version, state, stateSha256 } = await this.#replica.newest('export', {});
    return { version, message: encodeSnapshot({ version, state, sha256: stateSha256 }) };
  }

  /** Whether a worker's state is the newest one, bit for bit. */
  async #isNewest(held: HeldState): Promise<boolean> {
    if (held.version === undefined) return false;
    const { version, stateSha256 } = await this.#replica.newest('hash', undefined);
    return version === held.version && stateSha256 === held.stateSha256;
  }
}

function kept({ version, message }: PassingStreamMessage): StreamMessage {
  return { version, message: message.kept() };
}

function keyOf({ step, index, factoredSha256 }: EarlySection): string {
  return `${step}:${index}:${factoredSha256}`;
}
