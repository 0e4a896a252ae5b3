import { assembleEvents } from './assemble-events.js';
import type { EncodedMessage } from './encoded-message.js';
import { FollowPart } from './generated/lockstep/v1/lockstep.js';
import type { FollowEvent } from './messages.js';

/**
 * Decodes a message as the follower of a stream would; for streams within one process.
 *
 * @throws LockstepError `protocol-violation` as the follower would
 */
export async function decodeMessage(message: EncodedMessage): Promise<FollowEvent | undefined> {
  const { value } = await assembleEvents(partsOf(message), message.bytes).next();
  return value ?? undefined;
}

// eslint-disable-next-line @typescript-eslint/require-await -- all parts are available
async function* partsOf({ parts }: EncodedMessage): AsyncGenerator<FollowPart> {
  for (const part of parts) yield FollowPart.decode(part);
}
