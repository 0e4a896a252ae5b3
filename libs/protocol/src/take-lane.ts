import type { Client } from '@grpc/grpc-js';
import type { LockstepError } from '@lockstep/core';
import {
  LockstepService,
  type TakeReply,
  type TakeRequest,
} from './generated/lockstep/v1/lockstep.js';
import { createLastingCall } from './lasting-call.js';

/** A worker's questions whether it may compute a shard, over one lasting call. */
export interface TakeLane {
  take(request: TakeRequest): Promise<TakeReply>;
  /** Ends the call; a question without an answer fails. */
  close(): void;
}

export function createTakeLane(
  client: Client,
  { deadlineMs, toError }: { deadlineMs: number; toError: (error: unknown) => LockstepError },
): TakeLane {
  const lasting = createLastingCall(client, LockstepService.take);
  return {
    take: async (request) => {
      const question = LockstepService.take.requestSerialize(request);
      const { stream, reply, breakOff } = lasting.begin();
      const late = setTimeout(breakOff, deadlineMs);
      try {
        stream.write(question);
        return await reply;
      } catch (error) {
        throw toError(error);
      } finally {
        clearTimeout(late);
      }
    },
    close: () => lasting.close(),
  };
}
