import { messageOf } from '@lockstep/core';
import type { MethodDefinition } from '@grpc/grpc-js';
import { LockstepService } from '../generated/lockstep/v1/lockstep.js';
import * as rules from './message-rules.js';
import { ProtocolViolation, type MessageRule } from './rules.js';

/** A received message that the protocol does not allow. */
export class RefusedMessage {
  /** @param messageName as in the .proto */
  constructor(
    readonly messageName: string,
    readonly violation: ProtocolViolation,
  ) {}
}

/**
 * The generated service, whose received messages are checked at both ends. On the server the check
 * gives a RefusedMessage, which `refuseViolations` turns into the status of the call; on the client it
 * throws. A method that is added to the .proto does not compile until it is listed here with its rules.
 */
export const checkedService = {
  describe: checked(LockstepService.describe, rules.describeRequest, rules.runDescription),
  register: checked(LockstepService.register, rules.registerRequest, rules.registerReply),
  follow: checked(LockstepService.follow, rules.followRequest, rules.followPart),
  fetch: checked(LockstepService.fetch, rules.fetchRequest, rules.followPart),
  take: checked(LockstepService.take, rules.takeRequest, rules.takeReply),
  submit: checked(LockstepService.submit, rules.submitPart, rules.submitReply),
  uploadState: checked(LockstepService.uploadState, rules.stateUploadPart, rules.stateUploadReply),
  submitEvaluation: checked(
    LockstepService.submitEvaluation,
    rules.evaluationResult,
    rules.submitReply,
  ),
  heartbeat: checked(LockstepService.heartbeat, rules.heartbeatRequest, rules.heartbeatReply),
  leave: checked(LockstepService.leave, rules.leaveRequest, rules.leaveReply),
} satisfies Record<keyof typeof LockstepService, unknown>;

/** The names of the messages that the server receives. */
export const requestNames: readonly string[] = Object.values(checkedService).map(
  ({ requestName }) => requestName,
);

function checked<Request, Reply>(
  method: MethodDefinition<Request, Reply>,
  request: MessageRule<Request>,
  reply: MessageRule<Reply>,
) {
  return {
    ...method,
    requestName: request.messageName,
    requestDeserialize: (bytes: Buffer): Request | RefusedMessage => {
      try {
        return receive(method.requestDeserialize, request, bytes);
      } catch (error) {
        if (!(error instanceof ProtocolViolation)) throw error;
        return new RefusedMessage(request.messageName, error);
      }
    },
    responseDeserialize: (bytes: Buffer): Reply =>
      receive(method.responseDeserialize, reply, bytes),
  };
}

/** Decodes and checks a message. @throws ProtocolViolation */
export function receive<Message>(
  decode: (bytes: Buffer) => Message,
  rule: MessageRule<Message>,
  bytes: Buffer,
): Message {
  const { messageName } = rule;
  let decoded: Message;
  try {
    decoded = decode(bytes);
  } catch (cause) {
    const why = messageOf(cause);
    throw new ProtocolViolation(`${messageName} cannot be decoded: ${why}`);
  }
  return rule.check(decoded, messageName);
}
