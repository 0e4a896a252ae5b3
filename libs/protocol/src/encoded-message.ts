import { createHash } from 'node:crypto';
import type { RunState } from '@lockstep/core';
import { encodeFollowPart, followChunks } from './encode-parts.js';
import type { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { Refusal } from './messages.js';
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

/** Encodes a step's update; `payload` is copied. */
export function encodeUpdate(update: {
  readonly version: number;
  /** Samples of the step. */
  readonly rows: number;
  readonly payload: Uint8Array;
  /** SHA-256 of the state after the update, every so often. */
  readonly stateSha256?: string | undefined;
  /** Whether the version will be evaluated, so that workers keep it. */
  readonly evaluated?: boolean;
}): EncodedMessage {
  const { version, rows, payload, stateSha256, evaluated = false } = update;
  const value = {
    version,
    rows,
    payloadBytes: payload.length,
    sha256: sha256Of(payload),
    stateSha256,
    evaluated,
  };
  return encoded([encodeFollowPart({ $case: 'updateBegin', value }), ...followChunks(payload)]);
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
