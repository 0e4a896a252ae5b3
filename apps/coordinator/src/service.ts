import {
  decodeTensor,
  LockstepError,
  stateByteLength,
  type Contribution,
  type GradientBytes,
  type MachineEvent,
  type RunEvent,
} from '@lockstep/core';
import { stateLayout } from '@lockstep/optim';
import type { Engine } from '@lockstep/engine';
import {
  encodeRunStatus,
  type Caller,
  type ContributionBegin,
  type ContributionHeader,
  type EarlyFactors,
  type EncodedMessage,
  type Follower,
  type ProtocolHandlers,
  type Receipt,
  type Refusal,
  type RunDescription,
  type ShardAttempt,
  type SubmitOutcome,
} from '@lockstep/protocol';
import { checkContribution, mostPayloadBytes } from './check-contribution.js';
import type { Evaluations } from './evaluations.js';
import type { Member } from './members.js';
import type { Publisher } from './publisher.js';
import { refused, registerWorker, type RegistrationParts } from './register-worker.js';
import type { StateAudit } from './state-audit.js';
import type { RunLog } from './run-log.js';
import type { Timelines } from './timeline/timelines.js';
import { submitVerdicts, takeReasons } from './verdict-words.js';
import type { StepTraces } from './tracing/step-traces.js';

/** The parts of a coordinator that its workers speak to. */
export interface ServiceParts extends RegistrationParts {
  readonly evaluations: Evaluations;
  readonly publisher: Publisher;
  readonly stateAudit: StateAudit;
  /** At the newest version whenever it is looked at. */
  readonly engine: Engine;
  readonly timelines: Timelines;
  readonly traces: Pick<StepTraces, 'judge'>;
  readonly log: Pick<RunLog, 'taken' | 'contributed'>;
  /** Adds an event to the run's record and sends it to those who follow the run. */
  readonly emit: (event: RunEvent) => void;
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
    register: async (request, caller) => registerWorker(await ready, request, caller),
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
    admit: async (begin, bytes, caller) => admit(await ready, begin, bytes, caller),
    factors: async (begin, early, caller) => factors(await ready, begin, early, caller),
    submit: async (header, payload, receipt, caller) => {
      const parts = await ready;
      return parts.traces.judge(receipt.trace, placeIn(header), () =>
        submit(parts, header, payload, receipt, caller),
      );
    },
    expectsState: async ({ session, version }, bytes, caller) => {
      const { spec, members, stateAudit } = await ready;
      const member = members.bySession(session, caller?.holder);
      return (
        member !== undefined &&
        stateAudit.expects(member.id, version) &&
        bytes === stateByteLength(stateLayout(spec))
      );
    },
    uploadState: async ({ session, version, sha256: stateSha256 }, state, caller) => {
      const { members, stateAudit } = await ready;
      const member = members.bySession(session, caller?.holder);
      return !!member && stateAudit.stateUploaded(member.id, { version, stateSha256 }, state);
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
      const currentShard = shard && !shard.evaluation ? shard : 'nothing';
      const worker = member.id;
      collector.tell({ type: 'worker-heard', worker, ready: version !== undefined, currentShard });
      return { known: true, term: collector.state.term };
    },
    leave: async ({ session, reason }, caller) => {
      const { members, roster } = await ready;
      const member = members.bySession(session, caller?.holder);
      if (member) roster.gone(member.id, 'left', reason);
    },
  };
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
  const { version, stateSha256 } = request;
  await publisher.follow(member.id, follower, { version, stateSha256 });
}

function take(parts: ServiceParts, session: string, shard: ShardAttempt, caller?: Caller) {
  const { members, collector, evaluations, timelines, log } = parts;
  const member = members.bySession(session, caller?.holder);
  if (!member) return unknownSession();
  if (shard.evaluation) {
    return evaluations.take(member.id, shard.step, shard.index)
      ? ({ kind: 'granted' } as const)
      : refused('not-needed', 'the evaluation shard has its result');
  }
  const event: MachineEvent = { type: 'taken', worker: member.id, term: shard.term, ref: shard };
  const judged = collector.tell(event);
  log.taken(shard, member.id, judged?.verdict);
  if (judged?.verdict === 'granted') {
    timelines.taken(shard, member.id);
    return { kind: 'granted' } as const;
  }
  return refused(takeReasons[judged?.verdict ?? 'late'] ?? 'not-needed', judged?.reason ?? '');
}

function admit(
  { spec, members }: ServiceParts,
  begin: ContributionBegin,
  bytes: number,
  caller?: Caller,
): SubmitOutcome | undefined {
  if (!members.bySession(begin.session, caller?.holder)) return unknownSubmitter();
  const most = mostPayloadBytes(spec, spec.shardSize);
  return bytes <= most
    ? undefined
    : {
        verdict: 'too-large',
        message: `${bytes} bytes, where a shard of this run has ${most} at most`,
      };
}

/** Sends a factored section on to the others, where it may count. */
function factors(
  { spec, members, collector, publisher }: ServiceParts,
  { session, runId, shard, wire, sampleCount }: ContributionBegin,
  early: EarlyFactors,
  caller?: Caller,
): void {
  const member = members.bySession(session, caller?.holder);
  const { state } = collector;
  const { step, index, term } = shard;
  const open = state.current?.step === step ? state.current.shards[index] : undefined;
  const fits = runId === state.runId && term === state.term && wire === spec.wire;
  if (!member || !open || open.counted || !fits || spec.numerics !== 'strict') return;
  if (sampleCount !== open.shard.sampleCount) return;
  publisher.sendOn(member.id, { step, index, ...early });
}

function submit(
  { spec, members, collector, roster, stateAudit, timelines, log }: ServiceParts,
  header: ContributionHeader,
  payload: GradientBytes,
  receipt: Receipt,
  caller?: Caller,
): SubmitOutcome {
  const member = members.bySession(header.session, caller?.holder);
  if (!member) return unknownSubmitter();
  const started = performance.now();
  const contribution = contributionFrom(member, header, payload, receipt);
  const { current } = collector.state;
  const known =
    current?.step === header.shard.step ? current.shards[header.shard.index] : undefined;
  // A late answer has no open shard to be measured by; its hash is compared all the same.
  const check = known ? checkContribution(spec, known.shard, header, payload) : 'ok';
  const checkMs = performance.now() - started;
  const { verdict, reason } = collector.offer(contribution, check);
  if (verdict === 'counted') {
    const payloadBytes = payload.factored.byteLength + payload.dense.byteLength;
    timelines.contributed({ header, worker: member.id, receipt, checkMs, payloadBytes });
  }
  roster.contributed(member.id, header, verdict);
  log.contributed(header, member.id, verdict, reason);
  const uploadState = header.proof !== undefined && stateAudit.proved(member.id, header.proof);
  return { verdict: submitVerdicts[verdict] ?? 'late', message: reason, uploadState };
}

function placeIn({ shard }: ContributionHeader): Record<string, number> {
  const { step, index, attempt } = shard;
  return { 'lockstep.step': step, 'lockstep.shard': index, 'lockstep.attempt': attempt };
}

function contributionFrom(
  member: Member,
  header: ContributionHeader,
  payload: GradientBytes,
  { factoredSha256 }: Receipt,
): Contribution {
  const { runId, shard, sampleCount, lossSum, correctCount, cleanCorrectCount, sha256 } = header;
  const { term, step, index, attempt } = shard;
  return {
    ...{ runId, term, step, index, attempt, workerId: member.id, payload, sha256 },
    ...{ sampleCount, lossSum, correctCount, factoredSha256 },
    ...(cleanCorrectCount === undefined ? {} : { cleanCorrectCount }),
  };
}

/** @throws LockstepError `protocol-violation` */
function checkClasses(predictions: Uint8Array, classCount: number): void {
  if (predictions.every((predicted) => predicted < classCount)) return;
  const message = `an evaluation predicts a class beyond the ${classCount} of the data`;
  throw new LockstepError('protocol-violation', message);
}

function unknownSession(): Refusal {
  return refused('unknown-session', 'register again');
}

function unknownSubmitter(): SubmitOutcome {
  return { verdict: 'unknown-session', message: 'register again' };
}
