export {
  encodeDrain,
  encodeFactors,
  encodeRefusal,
  encodeRunStatus,
  encodeSnapshot,
  encodeUpdate,
  encodeUpToDate,
  type EncodedMessage,
  type PassingMessage,
} from './encoded-message.js';
export type { ContributionEnd } from './upload.js';
export type { CallRates, LimitReached } from './call-limits.js';
export { decodeMessage } from './assemble-events.js';
export { LARGEST_PAYLOAD_BYTES } from './encode-parts.js';
export type { Follower } from './follower.js';
export type { Admitted, Gate } from './gate.js';
export type * from './messages.js';
export { PROCESS_KEY_BYTES } from './messages.js';
export {
  createProtocolClient,
  type ProtocolClient,
  type ProtocolClientOptions,
} from './protocol-client.js';
export type { Caller, ProtocolHandlers } from './protocol-handlers.js';
export {
  createProtocolServer,
  SERVICE_NAME,
  type ProtocolServer,
  type ProtocolServerOptions,
} from './protocol-server.js';
export { requestNames } from './validation/checked-service.js';
export { LONGEST_TEXT } from './validation/message-rules.js';
export type { RefusalReason, Verdict } from './words.js';
