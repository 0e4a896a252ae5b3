import type { ServerReadableStream } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';
import type { StateUploadPart, StateUploadReply } from './generated/lockstep/v1/lockstep.js';
import { PayloadBuffer } from './payload-buffer.js';
import type { Caller, ProtocolHandlers } from './protocol-handlers.js';
import {
  BadUpload,
  receiveEnd,
  receiveHead,
  receivePayload,
  StallTimer,
  type Reception,
} from './receive-payload.js';

/**
 * Receives a state upload: reads the header, checks that it was requested, reads the bytes, checks
 * the hash, calls the handler.
 *
 * @throws LockstepError `protocol-violation` if the upload does not match its header
 */
export async function receiveState(
  call: AsyncIterable<StateUploadPart> & Pick<ServerReadableStream<unknown, unknown>, 'destroy'>,
  handlers: Pick<ProtocolHandlers, 'expectsState' | 'uploadState'>,
  reception: Reception,
  caller?: Caller,
): Promise<StateUploadReply> {
  const { maxPayloadBytes, memoryOf } = reception;
  const timer = new StallTimer(reception, (error) => call.destroy(error));
  try {
    const parts: AsyncIterator<StateUploadPart> = call[Symbol.asyncIterator]();
    const { stateBytes, ...header } = await receiveHead(parts, 'header');
    if (
      stateBytes > maxPayloadBytes ||
      !(await handlers.expectsState(header, stateBytes, caller))
    ) {
      return { taken: false };
    }
    const hash = createHash('sha256');
    const payload = new PayloadBuffer(stateBytes, hash);
    const state = await receivePayload(parts, timer, payload, memoryOf(header.session, caller));
    await receiveEnd(parts, stateBytes);
    if (hash.digest('hex') !== header.sha256) {
      throw new BadUpload('malformed', 'the state does not match its hash');
    }
    return { taken: await handlers.uploadState(header, state, caller) };
  } catch (error) {
    if (!(error instanceof BadUpload)) throw error;
    throw new LockstepError('protocol-violation', error.message);
  } finally {
    timer.stop();
  }
}
