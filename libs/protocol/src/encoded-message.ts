import { createHash } from 'node:crypto';
import { shortened, type RunState } from '@lockstep/core';
import { encodeFollowPart, followChunks } from './encode-parts.js';
import type { FollowPart, SharedMemory } from './generated/lockstep/v1/lockstep.js';
import type { Refusal, UpdateShard } from './messages.js';
import type { SharedRegion } from './shared-memory/shared-memory.js';
import { LONGEST_TEXT } from './validation/message-rules.js';
import { writeRefusal } from './wire-messages.js';
import { runStates } from './words.js';

/**
 * A message to followers, encoded once and shared by all of them. Its buffers must not be changed.
 */
export interface EncodedMessage {
  readonly kind: 'encoded';
  readonly parts: readonly Buffer[];
  /** Size of head and payload. */
  readonly bytes: number;
}

/**
 * A message that has no copy of its payload yet. Send or copy it while the payload is unchanged and
 * has not been transferred to a thread.
 */
export interface PassingMessage extends EncodedMessage {
  /** The message for a socket; the payload is copied at the first access. */
  readonly parts: readonly Buffer[];
  /** The message for shared memory, if it fits there; written once for all readers. */
  through(ring: SharedRegion): readonly Buffer[];
  /** A copy that can be sent later. */
  kept(): EncodedMessage;
}

/** Encodes a whole state; `state` is copied. */
export function encodeSnapshot(snapshot: {
  readonly version: number;
  readonly state: Uint8Array;
  /** SHA-256 of `state`, hex; computed when not given. */
  readonly sha256?: string;
}): EncodedMessage {
  const { version, state, sha256 = sha256Of(state) } = snapshot;
  const value = { version, stateBytes: state.length, sha256 };
  return encoded([encodeFollowPart({ $case: 'snapshotBegin', value }), ...followChunks(state)]);
}

/** Encodes a factored section that is forwarded before its step's update. */
export function encodeFactors(factors: {
  readonly step: number;
  readonly index: number;
  readonly factored: Uint8Array;
  /** SHA-256 of `factored`, hex. */
  readonly sha256: string;
}): PassingMessage {
  const { step, index, factored, sha256 } = factors;
  const value = { step, index, factoredBytes: factored.length, sha256 };
  return passing(encodeFollowPart({ $case: 'factorsBegin', value }), factored);
}

/** Encodes a step's update. */
export function encodeUpdate(update: {
  readonly version: number;
  /** In shard order. */
  readonly shards: readonly UpdateShard[];
  /** The dense section. */
  readonly dense: Uint8Array;
  /** Whether every worker is to prove which state it holds after it. */
  readonly prove?: boolean;
  /** Whether the version will be evaluated, so that workers keep it. */
  readonly evaluated?: boolean;
}): PassingMessage {
  const { version, shards, dense, prove = false, evaluated = false } = update;
  const sha256 = sha256Of(dense);
  const value = {
    version,
    shards: [...shards],
    denseBytes: dense.length,
    sha256,
    prove,
    evaluated,
  };
  return passing(encodeFollowPart({ $case: 'updateBegin', value }), dense);
}

/** Offers the coordinator's memory. */
export function encodeMemory(memory: SharedMemory): EncodedMessage {
  return single({ $case: 'memory', value: memory });
}

/** Reports that the follower holds the newest version. */
export function encodeUpToDate(version: number): EncodedMessage {
  return single({ $case: 'upToDate', value: { version } });
}

/** Reports the state of the run and its reason. */
export function encodeRunStatus(state: RunState, reason: string): EncodedMessage {
  const value = { state: runStates[state], reason: shortened(reason, LONGEST_TEXT) };
  return single({ $case: 'runStatus', value });
}

/** Asks a worker to finish or return its shard and leave. */
export function encodeDrain(reason: string): EncodedMessage {
  return single({ $case: 'drain', value: { reason: shortened(reason, LONGEST_TEXT) } });
}

export function encodeRefusal(refusal: Refusal): EncodedMessage {
  return single({ $case: 'refused', value: writeRefusal(refusal) });
}

function single(part: NonNullable<FollowPart['part']>): EncodedMessage {
  return encoded([encodeFollowPart(part)]);
}

function encoded(parts: readonly Buffer[]): EncodedMessage {
  return { kind: 'encoded', parts, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
}

function passing(head: Buffer, payload: Uint8Array): PassingMessage {
  let parts: readonly Buffer[] | undefined;
  let throughMemory: readonly Buffer[] | undefined;
  const copied = (): readonly Buffer[] => (parts ??= [head, ...followChunks(payload)]);
  const bytes = head.length + payload.length;
  return {
    kind: 'encoded',
    get parts() {
      return copied();
    },
    bytes,
    through: (ring) => (throughMemory ??= inMemory(head, payload, ring) ?? copied()),
    kept: () => encoded(copied()),
  };
}

function inMemory(head: Buffer, payload: Uint8Array, ring: SharedRegion): Buffer[] | undefined {
  const value = ring.write(payload);
  return value && [head, encodeFollowPart({ $case: 'shared', value })];
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
