import { createHash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';
import type {
  FactorsBegin,
  FollowPart,
  SharedSpan,
  SnapshotBegin,
  UpdateBegin,
} from './generated/lockstep/v1/lockstep.js';
import type { FactorsEvent, FollowEvent, SnapshotEvent, UpdateEvent } from './messages.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { PeerMemory } from './shared-memory/shared-memory.js';
import type { SharedWithCoordinator } from './shared-memory/shared-with-coordinator.js';
import { readRefusal } from './wire-messages.js';
import { runStates, wordOf } from './words.js';

/**
 * Puts a stream's messages together again.
 *
 * @param maxBytes largest snapshot or update, checked before memory is taken
 * @param memory where payloads may be that are not in the messages
 * @throws LockstepError `protocol-violation` for a part out of place, a size beyond the bound or
 *   bytes that aren't those that were hashed
 */
export async function* assembleEvents(
  parts: AsyncIterable<FollowPart>,
  maxBytes: number,
  memory?: Pick<SharedWithCoordinator, 'accept' | 'current'>,
): AsyncGenerator<FollowEvent, void, undefined> {
  const iterator = parts[Symbol.asyncIterator]();
  const bytes = (announced: number): Promise<Received> =>
    received(iterator, announced, maxBytes, memory);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { part } = next.value;
    switch (part?.$case) {
      case 'snapshotBegin':
        yield snapshot(part.value, await bytes(part.value.stateBytes));
        break;
      case 'updateBegin':
        yield update(part.value, await bytes(part.value.denseBytes));
        break;
      case 'factorsBegin':
        yield factors(part.value, await bytes(part.value.factoredBytes));
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
        throw violation('a chunk came where nothing was begun');
      case undefined:
        break; // what a newer coordinator says beside the state, to be ignored
    }
  }
}

interface Received {
  readonly payload: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the payload, hex. */
  readonly sha256: string;
  /** Milliseconds it took to take the last piece in. */
  readonly lastMs: number;
}

async function received(
  parts: AsyncIterator<FollowPart>,
  bytes: number,
  maxBytes: number,
  memory: Pick<SharedWithCoordinator, 'current'> | undefined,
): Promise<Received> {
  if (bytes > maxBytes) {
    throw violation(`${bytes} bytes were announced; the largest allowed is ${maxBytes}`);
  }
  const hash = createHash('sha256');
  const payload = new PayloadBuffer(bytes, hash);
  let last = performance.now();
  while (payload.missing > 0) {
    const next = await parts.next();
    if (next.done) throw violation(`the stream ended ${payload.missing} bytes too early`);
    const { part } = next.value;
    last = performance.now();
    if (part?.$case === 'chunk') payload.append(part.value);
    else if (part?.$case === 'shared') takeShared(part.value, payload, memory?.current);
    else throw violation('something else came in the place of a chunk');
  }
  const sha256 = hash.digest('hex');
  return { payload: payload.take(), sha256, lastMs: performance.now() - last };
}

function takeShared(
  span: SharedSpan,
  payload: PayloadBuffer,
  memory: PeerMemory | undefined,
): void {
  const fits = span.length > 0 && span.length <= payload.missing;
  if (!fits || !payload.fill(span.length, (place) => memory?.read(span, place) === true)) {
    throw violation(`${span.length} bytes were said to be in memory where none can be read`);
  }
}

function snapshot(begin: SnapshotBegin, came: Received): SnapshotEvent {
  const { version, sha256 } = begin;
  mustBe(came, sha256, `the snapshot of version ${version}`);
  return { kind: 'snapshot', version, sha256, state: came.payload };
}

function factors({ step, index, sha256 }: FactorsBegin, came: Received): FactorsEvent {
  mustBe(came, sha256, `the factors of step ${step} shard ${index}`);
  return { kind: 'factors', step, index, sha256, factored: came.payload };
}

function update(begin: UpdateBegin, came: Received): UpdateEvent {
  const { version, shards, sha256, prove, evaluated } = begin;
  mustBe(came, sha256, `the update to version ${version}`);
  const { payload: dense, lastMs: decodeMs } = came;
  return { kind: 'update', version, shards, dense, sha256, prove, evaluated, decodeMs };
}

function mustBe(came: Received, sha256: string, what: string): void {
  if (came.sha256 !== sha256) throw violation(`${what} came damaged`);
}

function violation(message: string): LockstepError {
  return new LockstepError('protocol-violation', message, {
    remedy: 'follow again; if it comes back, check that both sides run the same version',
  });
}
