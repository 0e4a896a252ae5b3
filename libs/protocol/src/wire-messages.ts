import { LockstepError, shortened } from '@lockstep/core';
import type {
  RegisterReply,
  ShardAttempt,
  SubmitHeader,
  SubmitReply,
  SubmitRest,
  TakeReply,
} from './generated/lockstep/v1/lockstep.js';
import type {
  ContributionBegin,
  ContributionRest,
  Refusal,
  RegisterOutcome,
  SubmitOutcome,
  TakeOutcome,
} from './messages.js';
import { LONGEST_TEXT } from './validation/message-rules.js';
import { refusalReasons, verdicts, wireFormats, wordOf } from './words.js';

export function writeRegisterOutcome(outcome: RegisterOutcome): RegisterReply {
  if (outcome.kind === 'refused') {
    return { outcome: { $case: 'refused', value: writeRefusal(outcome) } };
  }
  const { session, term, workerId, queue } = outcome;
  return { outcome: { $case: 'accepted', value: { session, term, workerId, queue } } };
}

export function readRegisterOutcome({ outcome }: RegisterReply): RegisterOutcome {
  if (outcome?.$case === 'accepted') {
    return { kind: 'accepted', ...outcome.value };
  }
  if (outcome?.$case === 'refused') return readRefusal(outcome.value);
  throw missing('outcome', 'RegisterReply');
}

export function writeTakeOutcome(outcome: TakeOutcome): TakeReply {
  if (outcome.kind === 'refused') {
    return { outcome: { $case: 'refused', value: writeRefusal(outcome) } };
  }
  return { outcome: { $case: 'granted', value: {} } };
}

export function readTakeOutcome({ outcome }: TakeReply): TakeOutcome {
  if (outcome?.$case === 'granted') return { kind: 'granted' };
  if (outcome?.$case === 'refused') return readRefusal(outcome.value);
  throw missing('outcome', 'TakeReply');
}

export function writeRefusal({ reason, message }: Refusal): { reason: number; message: string } {
  return { reason: refusalReasons[reason], message: shortened(message, LONGEST_TEXT) };
}

export function readRefusal(refusal: { reason: number; message: string }): Refusal {
  const { reason, message } = refusal;
  return { kind: 'refused', reason: wordOf(refusalReasons, reason), message };
}

export function writeSubmitOutcome(outcome: SubmitOutcome): SubmitReply {
  const { verdict, message, uploadState = false } = outcome;
  return { verdict: verdicts[verdict], message: shortened(message, LONGEST_TEXT), uploadState };
}

export function readSubmitOutcome({ verdict, message, uploadState }: SubmitReply): SubmitOutcome {
  return { verdict: wordOf(verdicts, verdict), message, ...(uploadState && { uploadState }) };
}

export function writeSubmitHeader(
  begin: ContributionBegin,
  factoredBytes: number,
  trace?: string,
): SubmitHeader {
  return { ...begin, wire: wireFormats[begin.wire], factoredBytes, trace };
}

export function readSubmitHeader(message: SubmitHeader): ContributionBegin {
  const { shard, wire, factoredBytes: _bytes, trace: _trace, ...rest } = message;
  return { ...rest, shard: present(shard, 'SubmitHeader'), wire: wordOf(wireFormats, wire) };
}

export function writeSubmitRest(rest: ContributionRest, denseBytes: number): SubmitRest {
  const { lossSum, cleanCorrectCount, sha256, timings, proof } = rest;
  const metricSums = [...rest.metricSums];
  return { lossSum, metricSums, cleanCorrectCount, sha256, timings, proof, denseBytes };
}

export function readSubmitRest(
  message: SubmitRest,
  { sampleCount }: ContributionBegin,
): ContributionRest {
  const { cleanCorrectCount, denseBytes: _, ...rest } = message;
  return { ...rest, sampleCount, ...(cleanCorrectCount !== undefined && { cleanCorrectCount }) };
}

/** Checks that a message has its shard. @throws LockstepError `protocol-violation` */
export function withShard<Message extends { shard?: ShardAttempt | undefined }>(
  message: Message,
  name: string,
): Message & { shard: ShardAttempt } {
  return { ...message, shard: present(message.shard, name) };
}

function present(shard: ShardAttempt | undefined, name: string): ShardAttempt {
  if (shard === undefined) throw missing('shard', name);
  return shard;
}

function missing(field: string, message: string): LockstepError {
  return new LockstepError('protocol-violation', `${message} has no ${field}`);
}
