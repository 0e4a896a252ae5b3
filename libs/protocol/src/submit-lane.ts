import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import { LockstepService, type SubmitReply } from './generated/lockstep/v1/lockstep.js';
import { endOfStream } from './grpc-errors.js';
import {
  passThrough,
  sendPieces,
  withResolvers,
  type UploadOptions,
  type UploadPiece,
} from './upload.js';

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

interface Open {
  readonly call: ClientDuplexStream<Buffer, SubmitReply>;
  /** Whoever waits for the next reply. */
  waiting: Pick<ReturnType<typeof withResolvers<SubmitReply>>, 'resolve' | 'reject'> | undefined;
}

/** The call is opened by the first contribution, and anew by the next one after it has broken. */
export function createSubmitLane(client: Client): SubmitLane {
  let lane: Open | undefined;
  let before: Promise<unknown> = Promise.resolve();

  const open = (): Open => {
    const { path, responseDeserialize } = LockstepService.submit;
    const call = client.makeBidiStreamRequest<Buffer, SubmitReply>(
      ...([path, passThrough, responseDeserialize] as const),
    );
    const opened: Open = { call, waiting: undefined };
    const over = (error: Error): void => {
      if (lane === opened) lane = undefined;
      opened.waiting?.reject(error);
    };
    call.on('data', (reply: SubmitReply) => opened.waiting?.resolve(reply));
    call.on('error', over);
    call.on('end', () => over(endOfStream()));
    return opened;
  };

  const send = async (
    pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
    { deadlineMs, signal, toError }: UploadOptions,
  ): Promise<SubmitReply> => {
    const mine = (lane ??= open());
    const { promise, resolve, reject } = withResolvers<SubmitReply>();
    mine.waiting = { resolve, reject };
    /** What is half sent cannot be taken back: the call ends with it. */
    const breakOff = (): void => {
      if (lane === mine) lane = undefined;
      mine.call.cancel();
    };
    const late = setTimeout(breakOff, deadlineMs);
    if (signal?.aborted) breakOff();
    signal?.addEventListener('abort', breakOff);
    try {
      await sendPieces(mine.call, pieces, promise);
      return await promise;
    } catch (error) {
      breakOff(); // where a piece failed to come, nobody is to wait for it
      throw toError(error);
    } finally {
      mine.waiting = undefined;
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
    close: () => lane?.call.cancel(),
  };
}
