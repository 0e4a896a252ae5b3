import type { ServerDuplexStream } from '@grpc/grpc-js';

type Stream = Pick<ServerDuplexStream<unknown, unknown>, 'emit' | 'end'>;

/** Ends a call with a status; destroying the stream would keep grpc-js from sending one. */
export function failStream(call: Pick<Stream, 'emit'>, error: Error): void {
  call.emit('error', error);
}

/** The next message; ends the call if `ending` is aborted while waiting for it. */
export async function nextUnlessEnding<Message>(
  messages: AsyncIterator<Message>,
  call: Pick<Stream, 'end'>,
  ending: AbortSignal,
): Promise<IteratorResult<Message>> {
  const end = (): void => void call.end();
  ending.addEventListener('abort', end, { once: true });
  try {
    return await messages.next();
  } finally {
    ending.removeEventListener('abort', end);
  }
}
