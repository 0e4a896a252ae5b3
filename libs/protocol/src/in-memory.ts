import { LockstepError } from '@lockstep/core';
import { contributionBegin, contributionEnd, stateUpload } from './upload.js';
import type { ContributionEnd, UploadPiece } from './upload.js';
import { uploadParts } from './encode-parts.js';
import { StateUploadPart, SubmitPart, type SubmitReply } from './generated/lockstep/v1/lockstep.js';
import type { ContributionBegin, StateUploadHeader, SubmitOutcome } from './messages.js';
import type { ProtocolHandlers } from './protocol-handlers.js';
import { receiveContributions, type SubmitStream } from './receive-contribution.js';
import type { Reception } from './receive-payload.js';
import { receiveState } from './receive-state.js';
import { receive } from './validation/checked-service.js';
import { stateUploadPart, submitPart } from './validation/message-rules.js';
import type { MessageRule } from './validation/rules.js';
import { readSubmitOutcome } from './wire-messages.js';

/*
 * Uploads without a network: the messages of the real client end, and the real server end that
 * receives them, for a transport within one process.
 */

/** The messages that are sent together. */
export type Messages = readonly Buffer[];

/** A contribution's messages, its factored section while the rest may still be computed. */
export async function* contributionMessages(
  begin: ContributionBegin,
  factored: Uint8Array,
  rest: ContributionEnd | Promise<ContributionEnd>,
): AsyncGenerator<Messages, void, undefined> {
  yield messagesOf(contributionBegin(begin, factored));
  yield messagesOf(contributionEnd(await rest));
}

/** The messages of a state's upload. */
export function stateMessages(header: StateUploadHeader, state: Uint8Array): Messages {
  return messagesOf(stateUpload(header, state));
}

/**
 * Receives one contribution as the server does.
 *
 * @throws LockstepError `protocol-violation` when the messages end before an outcome is known
 */
export async function receiveContributionMessages(
  messages: AsyncIterable<Buffer>,
  handlers: ProtocolHandlers,
  reception: Omit<Reception, 'memoryOf'>,
): Promise<SubmitOutcome> {
  const replies: SubmitReply[] = [];
  const ending = new AbortController();
  const call: Pick<SubmitStream, 'emit' | 'end' | 'iterator' | 'write'> = {
    iterator: () => decoded(messages, SubmitPart, submitPart)[Symbol.asyncIterator](),
    write: (reply: SubmitReply) => {
      replies.push(reply);
      ending.abort(); // one contribution only
      return true;
    },
    emit: () => true,
    end: () => undefined as never,
  };
  await receiveContributions(call, handlers, { ...reception, memoryOf }, ending.signal);
  const [reply] = replies;
  if (reply) return readSubmitOutcome(reply);
  throw new LockstepError('protocol-violation', 'no contribution came');
}

/** Receives a state as the server does. @returns whether it was taken over */
export async function receiveStateMessages(
  messages: AsyncIterable<Buffer>,
  handlers: ProtocolHandlers,
  reception: Omit<Reception, 'memoryOf'>,
): Promise<boolean> {
  const call = Object.assign(decoded(messages, StateUploadPart, stateUploadPart), {
    destroy: () => undefined as never,
  });
  const { taken } = await receiveState(call, handlers, { ...reception, memoryOf });
  return taken;
}

function messagesOf({ head, payload }: UploadPiece): Messages {
  // The parts share one piece of memory, so each is copied.
  return [head, ...Array.from(uploadParts(payload), (part) => Buffer.from(part))];
}

async function* decoded<Part>(
  messages: AsyncIterable<Buffer>,
  codec: { decode(bytes: Uint8Array): Part },
  rule: MessageRule<Part>,
): AsyncGenerator<Part, void, undefined> {
  for await (const message of messages)
    yield receive((bytes) => codec.decode(bytes), rule, message);
}

/** Nothing goes through shared memory here. */
function memoryOf(): undefined {
  return undefined;
}
