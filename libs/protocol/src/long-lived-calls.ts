import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import type { LockstepError } from '@lockstep/core';
import type { SubmitReply, TakeReply, TakeRequest } from './generated/lockstep/v1/lockstep.js';
import { endOfStream } from './grpc-errors.js';
import {
  passThrough,
  sendPieces,
  withResolvers,
  type UploadMethod,
  type UploadOptions,
  type UploadPiece,
} from './upload.js';
import { checkedService } from './validation/checked-service.js';

/** A request of a long-lived call. */
interface OpenRequest<Reply> {
  readonly stream: Pick<ClientDuplexStream<Buffer, Reply>, 'write'>;
  /** Rejects with a gRPC error if the call breaks before. */
  readonly reply: Promise<Reply>;
  /** Ends the call, since a partly sent request cannot be withdrawn: the next one opens another call. */
  readonly cancel: () => void;
}

interface OpenCall<Reply> {
  readonly call: ClientDuplexStream<Buffer, Reply>;
  /** The requests that wait for replies, in order. */
  readonly waiting: Pick<ReturnType<typeof withResolvers<Reply>>, 'resolve' | 'reject'>[];
}

/**
 * A call for many requests, which are answered in order. The first request opens it; after it has
 * broken, the next one opens it again.
 */
class LongLivedCall<Reply> {
  readonly #client: Client;
  readonly #method: UploadMethod<Reply>;
  #current: OpenCall<Reply> | undefined;

  constructor(client: Client, method: UploadMethod<Reply>) {
    this.#client = client;
    this.#method = method;
  }

  /** Begins a request: its messages must be written before the next one begins. */
  begin(): OpenRequest<Reply> {
    const mine = (this.#current ??= this.#open());
    const { promise: reply, ...waiter } = withResolvers<Reply>();
    mine.waiting.push(waiter);
    const cancel = (): void => {
      if (this.#current === mine) this.#current = undefined;
      mine.call.cancel();
    };
    return { stream: mine.call, reply, cancel };
  }

  /** Ends the call; requests without a reply fail. */
  close(): void {
    this.#current?.call.cancel();
  }

  #open(): OpenCall<Reply> {
    const { path, responseDeserialize } = this.#method;
    const call = this.#client.makeBidiStreamRequest<Buffer, Reply>(
      path,
      passThrough,
      responseDeserialize,
    );
    const opened: OpenCall<Reply> = { call, waiting: [] };
    const end = (error: Error): void => {
      if (this.#current === opened) this.#current = undefined;
      for (const { reject } of opened.waiting.splice(0)) reject(error);
    };
    call.on('data', (reply: Reply) => opened.waiting.shift()?.resolve(reply));
    call.on('error', end);
    call.on('end', () => end(endOfStream()));
    return opened;
  }
}

interface TakeOptions {
  readonly deadlineMs: number;
  readonly toError: (error: unknown) => LockstepError;
}

/** A worker's requests for grants, over one long-lived call. */
export class TakeCall {
  readonly #call: LongLivedCall<TakeReply>;
  readonly #options: TakeOptions;

  constructor(client: Client, options: TakeOptions) {
    this.#call = new LongLivedCall(client, checkedService.take);
    this.#options = options;
  }

  async take(request: TakeRequest): Promise<TakeReply> {
    const message = checkedService.take.requestSerialize(request);
    const { stream, reply, cancel } = this.#call.begin();
    const late = setTimeout(cancel, this.#options.deadlineMs);
    try {
      stream.write(message);
      return await reply;
    } catch (error) {
      throw this.#options.toError(error);
    } finally {
      clearTimeout(late);
    }
  }

  /** Ends the call; a request without a reply fails. */
  close(): void {
    this.#call.close();
  }
}

/** A worker's contributions, sent one after another over one long-lived call. */
export class SubmitCall {
  readonly #call: LongLivedCall<SubmitReply>;
  #previous: Promise<unknown> = Promise.resolve();

  constructor(client: Client) {
    this.#call = new LongLivedCall(client, checkedService.submit);
  }

  /** Sends a contribution as its pieces become available. @returns the verdict */
  submit(
    pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
    options: UploadOptions,
  ): Promise<SubmitReply> {
    const sending = this.#previous.then(() => this.#send(pieces, options));
    this.#previous = sending.catch(() => undefined);
    return sending;
  }

  /** Ends the call; an open contribution fails. */
  close(): void {
    this.#call.close();
  }

  async #send(
    pieces: readonly (UploadPiece | Promise<UploadPiece>)[],
    { deadlineMs, signal, toError, region }: UploadOptions,
  ): Promise<SubmitReply> {
    const { stream, reply, cancel } = this.#call.begin();
    const late = setTimeout(cancel, deadlineMs);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
    try {
      await sendPieces(stream, pieces, reply, region);
      return await reply;
    } catch (error) {
      cancel(); // a piece may have failed: do not keep the receiver waiting
      throw toError(error);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', cancel);
    }
  }
}
