import { createHash } from 'node:crypto';
import type { RunState } from '@lockstep/core';
import { encodeFollowPart, followChunks } from './encode-parts.js';
import type { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { Refusal, UpdateShard } from './messages.js';
import { refusalReasons, runStates } from './words.js';

/**
 * A message to followers, encoded once and shared by all of them. Its buffers must not be changed.
 */
export interface EncodedMessage {
  readonly kind: 'encoded';
  readonly parts: readonly Buffer[];
  /** Sum of the parts' lengths. */
  readonly bytes: number;
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

/** Encodes a factored section that is sent on before its step's update; `factored` is copied. */
export function encodeFactors(factors: {
  readonly step: number;
  readonly index: number;
  readonly factored: Uint8Array;
  /** SHA-256 of `factored`, hex. */
  readonly sha256: string;
}): EncodedMessage {
  const { step, index, factored, sha256 } = factors;
  const value = { step, index, factoredBytes: factored.length, sha256 };
  return encoded([encodeFollowPart({ $case: 'factorsBegin', value }), ...followChunks(factored)]);
}

/** Encodes a step's update; `dense` is copied. */
export function encodeUpdate(update: {
  readonly version: number;
  /** In shard order. */
  readonly shards: readonly UpdateShard[];
  /** The dense section. */
  readonly dense: Uint8Array;
  /** Whether every follower is to prove which state it holds after it. */
  readonly prove?: boolean;
  /** Whether the version will be evaluated, so that workers keep it. */
  readonly evaluated?: boolean;
}): EncodedMessage {
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
  return encoded([encodeFollowPart({ $case: 'updateBegin', value }), ...followChunks(dense)]);
}

/** "Nothing is missing": the follower holds the newest version. */
export function encodeUpToDate(version: number): EncodedMessage {
  return single({ $case: 'upToDate', value: { version } });
}

/** What the run is doing, and why. */
export function encodeRunStatus(state: RunState, reason: string): EncodedMessage {
  return single({ $case: 'runStatus', value: { state: runStates[state], reason } });
}

/** Asks a worker to finish or give back its shard and leave. */
export function encodeDrain(reason: string): EncodedMessage {
  return single({ $case: 'drain', value: { reason } });
}

export function encodeRefusal({ reason, message }: Refusal): EncodedMessage {
  return single({ $case: 'refused', value: { reason: refusalReasons[reason], message } });
}

function single(part: NonNullable<FollowPart['part']>): EncodedMessage {
  return encoded([encodeFollowPart(part)]);
}

function encoded(parts: readonly Buffer[]): EncodedMessage {
  return { kind: 'encoded', parts, bytes: parts.reduce((sum, part) => sum + part.length, 0) };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
