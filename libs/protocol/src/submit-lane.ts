import type { Client } from '@grpc/grpc-js';
import { LockstepService, type SubmitReply } from './generated/lockstep/v1/lockstep.js';
import { createLastingCall } from './lasting-call.js';
import { sendPieces, type UploadOptions, type UploadPiece } from './upload.js';

/** A worker's contributions on their way up, one after another over one lasting call. */
export interface SubmitLane {
  /** Sends a contribution as its pieces come to be known. @returns what became of it */
  submit(
    pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
    options: UploadOptions,
  ): Promise<SubmitReply>;
  /** Ends the call; a contribution on its way fails. */
  close(): void;
}

export function createSubmitLane(client: Client): SubmitLane {
  const lasting = createLastingCall(client, LockstepService.submit);
  let before: Promise<unknown> = Promise.resolve();

  const send = async (
    pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
    { deadlineMs, signal, toError, region }: UploadOptions,
  ): Promise<SubmitReply> => {
    const { stream, reply, breakOff } = lasting.begin();
    const late = setTimeout(breakOff, deadlineMs);
    if (signal?.aborted) breakOff();
    signal?.addEventListener('abort', breakOff);
    try {
      await sendPieces(stream, pieces, reply, region);
      return await reply;
    } catch (error) {
      breakOff(); // where a piece failed to come, nobody is to wait for it
      throw toError(error);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', breakOff);
    }
  };

  return {
    submit: (pieces, options) => {
      const sending = before.then(() => send(pieces, options));
      before = sending.catch(() => undefined);
      return sending;
    },
    close: () => lasting.close(),
  };
}
