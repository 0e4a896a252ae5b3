import { assembleEvents } from './assemble-events.js';
import type { EncodedMessage } from './encoded-message.js';
import { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { FollowEvent } from './messages.js';

/**
 * Reads a message as a follower at the other end of a stream would; for a stream within one process.
 *
 * @throws LockstepError `protocol-violation` as the follower would
 */
export async function decodeMessage(message: EncodedMessage): Promise<FollowEvent | undefined> {
  const { value } = await assembleEvents(partsOf(message), message.bytes).next();
  return value ?? undefined;
}

// eslint-disable-next-line @typescript-eslint/require-await -- the parts are there already
async function* partsOf({ parts }: EncodedMessage): AsyncGenerator<FollowPart> {
  for (const part of parts) yield FollowPart.decode(part);
}
