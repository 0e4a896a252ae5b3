import { createHash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';
import type { EncodedMessage } from './encoded-message.js';
import { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { FollowEvent } from './messages.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { SharedWithCoordinator } from './shared-memory/shared-with-coordinator.js';
import { readRefusal } from './wire-messages.js';
import { runStates, wordOf } from './words.js';

type Memory = Pick<SharedWithCoordinator, 'accept' | 'current' | 'giveUp'>;

/**
 * Assembles the messages of a stream to events.
 *
 * @param maxBytes largest snapshot or update, checked before memory is allocated
 * @param memory shared memory that payloads may be in
 * @throws LockstepError `protocol-violation` for a misplaced part, a size above the limit or bytes that do not match their hash
 */
export async function* assembleEvents(
  parts: AsyncIterable<FollowPart>,
  maxBytes: number,
  memory?: Memory,
): AsyncGenerator<FollowEvent, void, undefined> {
  const iterator = parts[Symbol.asyncIterator]();
  const receive = (announced: Announced): Promise<Received> =>
    received(iterator, announced, maxBytes, memory);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { part } = next.value;
    switch (part?.$case) {
      case 'snapshotBegin':
      case 'updateBegin':
      case 'factorsBegin':
        yield await withPayload(part, receive);
        break;
      case 'upToDate':
        yield { kind: 'up-to-date', version: part.value.version };
        break;
      case 'runStatus': {
        const { state, reason } = part.value;
        yield { kind: 'run-status', state: wordOf(runStates, state), reason };
        break;
      }
      case 'drain':
        yield { kind: 'drain', reason: part.value.reason };
        break;
      case 'refused':
        yield readRefusal(part.value);
        break;
      case 'memory':
        memory?.accept(part.value);
        break;
      case 'shared':
      case 'chunk':
        throw violation('a chunk without a begin');
      case undefined:
        break; // a part that only newer coordinators send
    }
  }
}

/** A part that announces a payload. */
type Begin = Extract<FollowPart['part'], { $case: `${string}Begin` }>;

/** The event that a part begins, with the payload that follows it. */
async function withPayload(
  part: Begin,
  receive: (announced: Announced) => Promise<Received>,
): Promise<FollowEvent> {
  switch (part.$case) {
    case 'snapshotBegin': {
      const { version, sha256, stateBytes: bytes } = part.value;
      const what = `the snapshot of version ${version}`;
      const { payload: state } = await receive({ what, sha256, bytes });
      return { kind: 'snapshot', version, sha256, state };
    }
    case 'updateBegin': {
      const { denseBytes: bytes, ...begin } = part.value;
      const what = `the update to version ${begin.version}`;
      const { payload: dense, lastMs } = await receive({ what, sha256: begin.sha256, bytes });
      return { kind: 'update', ...begin, dense, decodeMs: lastMs };
    }
    case 'factorsBegin': {
      const { step, index, sha256, factoredBytes: bytes } = part.value;
      const what = `the factors of step ${step} shard ${index}`;
      const { payload: factored } = await receive({ what, sha256, bytes });
      return { kind: 'factors', step, index, sha256, factored };
    }
  }
}

/** A payload as announced by a begin. */
interface Announced {
  /** Description for messages. */
  readonly what: string;
  readonly bytes: number;
  /** SHA-256 of the payload, hex. */
  readonly sha256: string;
}

interface Received {
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Milliseconds taken to process the last part. */
  readonly lastMs: number;
}

async function received(
  parts: AsyncIterator<FollowPart>,
  { what, bytes, sha256 }: Announced,
  maxBytes: number,
  memory: Memory | undefined,
): Promise<Received> {
  if (bytes > maxBytes) {
    throw violation(`${bytes} bytes were announced; the largest allowed is ${maxBytes}`);
  }
  const hash = createHash('sha256');
  const payload = new PayloadBuffer(bytes, hash);
  let last = performance.now();
  let isShared = false;
  while (payload.missing > 0) {
    const next = await parts.next();
    if (next.done) throw violation(`the stream ended ${payload.missing} bytes too early`);
    const { part } = next.value;
    last = performance.now();
    switch (part?.$case) {
      case 'chunk':
        payload.append(part.value);
        break;
      case 'shared':
        isShared = true;
        if (payload.appendShared(part.value, memory?.current)) break;
        throw violation('the payload is in shared memory that cannot be read');
      default:
        throw violation('expected a chunk');
    }
  }
  if (hash.digest('hex') !== sha256) {
    throw isShared && memory
      ? memory.giveUp(`${what} was overwritten before it was read`)
      : violation(`${what} is damaged`);
  }
  return { payload: payload.take(), lastMs: performance.now() - last };
}

function violation(message: string): LockstepError {
  return new LockstepError('protocol-violation', message, {
    remedy: 'follow again; if it recurs, check that both sides run the same version',
  });
}

/**
 * Decodes a message as the follower of a stream would; for streams within one process.
 *
 * @throws LockstepError `protocol-violation` as the follower would
 */
export async function decodeMessage(message: EncodedMessage): Promise<FollowEvent | undefined> {
  const { value } = await assembleEvents(partsOf(message), message.bytes).next();
  return value ?? undefined;
}

// eslint-disable-next-line @typescript-eslint/require-await -- all parts are available
async function* partsOf({ parts }: EncodedMessage): AsyncGenerator<FollowPart> {
  for (const part of parts) yield FollowPart.decode(part);
}
