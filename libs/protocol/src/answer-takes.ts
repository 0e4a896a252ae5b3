import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Caller } from './gate.js';
import type { TakeReply, TakeRequest } from './generated/lockstep/v1/lockstep.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import { nextUnlessEnding } from './streams.js';
import { withShard, writeTakeOutcome } from './wire-messages.js';

/**
 * Answers questions for leave, one after another, until they end; throws what the handler throws, or
 * when the stream breaks.
 *
 * @param ending aborted when no further one is to be answered
 */
export async function answerTakes(
  call: Pick<ServerDuplexStream<TakeRequest, TakeReply>, 'end' | 'iterator' | 'write'>,
  handlers: Pick<ProtocolHandlers, 'take'>,
  ending: AbortSignal,
  caller: Caller,
): Promise<void> {
  // The end of what comes is not the end of the call: its status is still to be sent.
  const requests: AsyncIterator<TakeRequest> = call.iterator({ destroyOnReturn: false });
  while (!ending.aborted) {
    const next = await nextUnlessEnding(requests, call, ending);
    if (next.done) return;
    const outcome = await handlers.take(withShard(next.value, 'TakeRequest'), caller);
    call.write(writeTakeOutcome(outcome));
  }
}
