import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import { endOfStream } from './grpc-errors.js';
import { passThrough, withResolvers, type UploadMethod } from './upload.js';

/** A call that lasts for many requests, which are answered in their order. */
export interface LastingCall<Reply> {
  /** Begins the next request: its messages are to be written before the next one begins. */
  begin(): Asked<Reply>;
  /** Ends the call; requests without an answer fail. */
  close(): void;
}

/** A request under way. */
export interface Asked<Reply> {
  readonly stream: Pick<ClientDuplexStream<Buffer, Reply>, 'write'>;
  /** Rejects with a gRPC error when the call breaks before. */
  readonly reply: Promise<Reply>;
  /** Ends the call, as what is half sent cannot be taken back: the next request opens another one. */
  breakOff(): void;
}

/** The call is opened by the first request, and anew by the next one after it has broken. */
export function createLastingCall<Reply>(
  client: Client,
  { path, responseDeserialize }: UploadMethod<Reply>,
): LastingCall<Reply> {
  let current: Open<Reply> | undefined;

  const open = (): Open<Reply> => {
    const call = client.makeBidiStreamRequest<Buffer, Reply>(
      path,
      passThrough,
      responseDeserialize,
    );
    const opened: Open<Reply> = { call, waiting: [] };
    const over = (error: Error): void => {
      if (current === opened) current = undefined;
      for (const { reject } of opened.waiting.splice(0)) reject(error);
    };
    call.on('data', (reply: Reply) => opened.waiting.shift()?.resolve(reply));
    call.on('error', over);
    call.on('end', () => over(endOfStream()));
    return opened;
  };

  return {
    begin: () => {
      const mine = (current ??= open());
      const { promise: reply, ...waiter } = withResolvers<Reply>();
      mine.waiting.push(waiter);
      const breakOff = (): void => {
        if (current === mine) current = undefined;
        mine.call.cancel();
      };
      return { stream: mine.call, reply, breakOff };
    },
    close: () => current?.call.cancel(),
  };
}

interface Open<Reply> {
  readonly call: ClientDuplexStream<Buffer, Reply>;
  /** Who waits for replies, in order. */
  readonly waiting: Pick<ReturnType<typeof withResolvers<Reply>>, 'resolve' | 'reject'>[];
}
