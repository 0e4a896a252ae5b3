import {
  decodeTensor,
  LockstepError,
  type Contribution,
  type HeartEvent,
  type RunSpec,
} from '@lockstep/core';
import {
  encodeRunStatus,
  type Caller,
  type ContributionHeader,
  type EncodedMessage,
  type Follower,
  type ProtocolHandlers,
  type Receipt,
  type Refusal,
  type RegisterOutcome,
  type RegisterRequest,
  type RefusalReason,
  type RunDescription,
  type ShardAttempt,
  type SubmitOutcome,
} from '@lockstep/protocol';
import { checkContribution, mostPayloadBytes } from './check-contribution.js';
import type { Collector } from './collector.js';
import type { Evaluations } from './evaluations.js';
import type { Member, Members } from './members.js';
import type { RunNumerics } from './probe-numerics.js';
import type { Publisher } from './publisher.js';
import type { Roster } from './roster.js';
import type { RunLog } from './run-log.js';
import type { Timelines } from './timeline/timelines.js';
import { submitVerdicts, takeReasons } from './verdict-words.js';
import type { StepTraces } from './tracing/step-traces.js';

/** The parts of a coordinator that its workers speak to. */
export interface ServiceParts {
  readonly spec: RunSpec;
  readonly description: RunDescription;
  readonly numerics: RunNumerics;
  readonly members: Members;
  readonly collector: Collector;
  readonly evaluations: Evaluations;
  readonly publisher: Publisher;
  readonly roster: Roster;
  readonly timelines: Timelines;
  readonly traces: Pick<StepTraces, 'judge'>;
  readonly log: Pick<RunLog, 'taken' | 'answered'>;
  /** A pinned version's snapshot, if it is kept. */
  pinned(version: number): Promise<EncodedMessage | undefined>;
}

/**
 * The coordinator's side of the protocol.
 *
 * @param ready resolves once the run can take workers; callers wait for it
 * @param described resolves once it is known what they will be told
 */
export function createService(
  ready: Promise<ServiceParts>,
  described: Promise<RunDescription>,
): ProtocolHandlers {
  let leading: ServiceParts | undefined;
  ready.then(
    (parts) => (leading = parts),
    () => undefined,
  );
  return {
    describe: async () => {
      const description = await described;
      const begun = leading !== undefined && leading.collector.state.committedStep > 0;
      return { ...description, untrained: description.untrained && !begun };
    },
    register: async (request, caller) => register(await ready, request, caller),
    follow: async (request, follower, caller) => follow(await ready, request, follower, caller),
    fetch: async ({ session, version }, caller) => {
      const parts = await ready;
      if (!parts.members.bySession(session, caller?.holder)) return unknownSession();
      return (
        (await parts.pinned(version)) ??
        refused('version-not-kept', `version ${version} is not being evaluated`)
      );
    },
    take: async ({ session, shard }, caller) => take(await ready, session, shard, caller),
    giveBack: async ({ session, shard, reason }, caller) => {
      const { members, collector, evaluations } = await ready;
      const member = members.bySession(session, caller?.holder);
      if (!member) return;
      if (shard.evaluation) evaluations.workerGone(member.id);
      else collector.tell({ type: 'given-back', worker: member.id, ref: shard, reason });
    },
    admit: async (header, bytes, caller) => admit(await ready, header, bytes, caller),
    submit: async (header, payload, receipt, caller) => {
      const parts = await ready;
      return parts.traces.judge(receipt.trace, placeIn(header), () =>
        submit(parts, header, payload, receipt, caller),
      );
    },
    submitEvaluation: async (
      { session, shard, predictions, confidences: bytes, ...totals },
      caller,
    ) => {
      const { spec, members, evaluations } = await ready;
      if (!members.bySession(session, caller?.holder)) return unknownSubmitter();
      const { step: version, index } = shard;
      const confidences = decodeTensor(bytes, 'f32');
      checkClasses(predictions, spec.data.classCount);
      const result = { version, index, ...totals, predictions, confidences };
      return { verdict: evaluations.accept(result), message: `evaluation of version ${version}` };
    },
    heartbeat: async (request, caller) => {
      const { members, collector, roster } = await ready;
      const member = members.bySession(request.session, caller?.holder);
      if (!member) return { known: false, term: collector.state.term };
      roster.heard(member.id, request);
      const { version, shard } = request;
      const inHand = shard && !shard.evaluation ? shard : 'nothing';
      const worker = member.id;
      collector.tell({ type: 'worker-heard', worker, ready: version !== undefined, inHand });
      return { known: true, term: collector.state.term };
    },
    leave: async ({ session, reason }, caller) => {
      const { members, roster } = await ready;
      const member = members.bySession(session, caller?.holder);
      if (member) roster.gone(member.id, 'left', reason);
    },
  };
}

function register(parts: ServiceParts, request: RegisterRequest, caller?: Caller): RegisterOutcome {
  const { collector, members, roster } = parts;
  const refusal = reasonToRefuse(parts, request, caller);
  const { workerId: id, host, pid, backend } = request;
  if (refusal) {
    roster.refused({ id, host, pid, backend }, refusal.message);
    return refusal;
  }
  if (members.byId(id)) roster.gone(id, 'lost', 'it registered anew');
  const member = members.add({ id, host, pid, backend, holder: caller?.holder }, Date.now());
  collector.tell({ type: 'worker-joined', worker: id });
  roster.joined(member);
  return { kind: 'accepted', session: member.session, term: collector.state.term };
}

function reasonToRefuse(
  parts: ServiceParts,
  request: RegisterRequest,
  caller: Caller | undefined,
): Refusal | undefined {
  const { spec, description, numerics, collector, members } = parts;
  const living = members.byId(request.workerId);
  const { pid, host } = request;
  const same = living?.pid === pid && living.host === host && living.holder === caller?.holder;
  if (living && !same) {
    return refused('id-taken', `process ${living.pid} on ${living.host} is ${request.workerId}`);
  }
  if (collector.state.workers.get(request.workerId)?.state === 'quarantined') {
    return refused('quarantined', `${request.workerId} has answered wrongly before`);
  }
  if (request.specSha256 !== description.specSha256) {
    return refused(
      'wrong-spec',
      `this run's spec is ${short(description.specSha256)}, the worker's ${short(request.specSha256)}`,
    );
  }
  if (request.dataSha256 !== spec.data.sha256) {
    return refused(
      'wrong-data',
      `this run trains on ${spec.data.name} ${short(spec.data.sha256)}, the worker has ${short(request.dataSha256)}`,
    );
  }
  if (spec.numerics === 'strict' && request.fingerprint !== numerics.fingerprint) {
    return refused(
      'wrong-fingerprint',
      `it would compute other bits: ${explain(numerics.fields, request.fingerprintFields)}; use like machines, or --numerics tolerant`,
    );
  }
  return undefined;
}

/** Where two sets of fingerprint fields differ, in words. */
function explain(here: Record<string, string>, there: Record<string, string>): string {
  const differing = Object.keys({ ...here, ...there }).filter((key) => here[key] !== there[key]);
  if (differing.length === 0) return 'every field agrees, but the probe does not';
  return differing
    .map(
      (key) => `${key} is ${there[key] ?? 'unknown'}, the coordinator's ${here[key] ?? 'unknown'}`,
    )
    .join(', ');
}

async function follow(
  parts: ServiceParts,
  request: { session: string; version?: number | undefined; stateSha256: string },
  follower: Follower,
  caller?: Caller,
): Promise<void> {
  const { members, publisher, collector, roster } = parts;
  const member = members.bySession(request.session, caller?.holder);
  if (!member) return follower.refuse(unknownSession());
  const { state, reason } = collector.state.condition;
  follower.send(encodeRunStatus(state, reason));
  roster.follows(member, follower);
  await publisher.follow(follower, { version: request.version, stateSha256: request.stateSha256 });
}

function take(parts: ServiceParts, session: string, shard: ShardAttempt, caller?: Caller) {
  const { members, collector, evaluations, timelines, log } = parts;
  const member = members.bySession(session, caller?.holder);
  if (!member) return unknownSession();
  if (shard.evaluation) {
    return evaluations.take(member.id, shard.step, shard.index)
      ? ({ kind: 'granted', deadlineMs: 0 } as const)
      : refused('not-needed', 'the evaluation shard has its result');
  }
  const event: HeartEvent = { type: 'taken', worker: member.id, term: shard.term, ref: shard };
  const judged = collector.tell(event);
  log.taken(shard, member.id, judged?.verdict);
  if (judged?.verdict === 'granted') {
    timelines.taken(shard, member.id);
    return { kind: 'granted', deadlineMs: 0 } as const;
  }
  return refused(takeReasons[judged?.verdict ?? 'late'] ?? 'not-needed', judged?.reason ?? '');
}

function admit(
  { spec, members }: ServiceParts,
  header: ContributionHeader,
  bytes: number,
  caller?: Caller,
): SubmitOutcome | undefined {
  if (!members.bySession(header.session, caller?.holder)) return unknownSubmitter();
  const most = mostPayloadBytes(spec, spec.shardSize);
  return bytes <= most
    ? undefined
    : {
        verdict: 'too-large',
        message: `${bytes} bytes, where a shard of this run has ${most} at most`,
      };
}

function submit(
  { spec, members, collector, roster, timelines, log }: ServiceParts,
  header: ContributionHeader,
  payload: Uint8Array,
  receipt: Receipt,
  caller?: Caller,
): SubmitOutcome {
  const member = members.bySession(header.session, caller?.holder);
  if (!member) return unknownSubmitter();
  const started = performance.now();
  const contribution = contributionFrom(member, header, payload);
  const { current } = collector.state;
  const known =
    current?.step === header.shard.step ? current.shards[header.shard.index] : undefined;
  // A late answer has no open shard to be measured by; its hash is compared all the same.
  const check = known ? checkContribution(spec, known.shard, header, payload) : 'ok';
  const checkMs = performance.now() - started;
  const { verdict, reason } = collector.offer(contribution, check);
  if (verdict === 'counted') {
    const payloadBytes = payload.byteLength;
    timelines.answered({ header, worker: member.id, receipt, checkMs, payloadBytes });
  }
  roster.answered(member.id, header, verdict);
  log.answered(header, member.id, verdict, reason);
  return { verdict: submitVerdicts[verdict] ?? 'late', message: reason };
}

function placeIn({ shard }: ContributionHeader): Record<string, number> {
  const { step, index, attempt } = shard;
  return { 'lockstep.step': step, 'lockstep.shard': index, 'lockstep.attempt': attempt };
}

function contributionFrom(
  member: Member,
  header: ContributionHeader,
  payload: Uint8Array,
): Contribution {
  const { runId, shard, sampleCount, lossSum, correctCount, cleanCorrectCount, sha256 } = header;
  const { term, step, index, attempt } = shard;
  return {
    ...{ runId, term, step, index, attempt, workerId: member.id, payload, sha256 },
    ...{ sampleCount, lossSum, correctCount },
    ...(cleanCorrectCount === undefined ? {} : { cleanCorrectCount }),
  };
}

/** @throws LockstepError `protocol-violation` */
function checkClasses(predictions: Uint8Array, classCount: number): void {
  if (predictions.every((predicted) => predicted < classCount)) return;
  const message = `an evaluation predicts a class beyond the ${classCount} of the data`;
  throw new LockstepError('protocol-violation', message);
}

function refused(reason: RefusalReason, message: string): Refusal {
  return { kind: 'refused', reason, message };
}

function unknownSession(): Refusal {
  return refused('unknown-session', 'register again');
}

function unknownSubmitter(): SubmitOutcome {
  return { verdict: 'unknown-session', message: 'register again' };
}

function short(sha256: string): string {
  return sha256.slice(0, 12) || 'none';
}
