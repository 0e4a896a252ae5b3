import {
  decodeTensor,
  LockstepError,
  stateByteLength,
  type GradientBytes,
  type RunSpec,
  type Verdict,
} from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { stateLayout } from '@lockstep/optim';
import {
  encodeSnapshot,
  encodeRunStatus,
  type Caller,
  type ContributionBegin,
  type ContributionHeader,
  type EarlyFactors,
  type EncodedMessage,
  type EvaluationResult,
  type FetchRequest,
  type Follower,
  type FollowRequest,
  type HeartbeatReply,
  type HeartbeatRequest,
  type LeaveRequest,
  type ProtocolHandlers,
  type Receipt,
  type Refusal,
  type RefusalReason,
  type RunDescription,
  type StateUploadHeader,
  type SubmitOutcome,
  type TakeOutcome,
  type TakeRequest,
} from '@lockstep/protocol';
import { predictionsFrom } from '../run/check-evaluation.js';
import type { Evaluations } from '../run/evaluations.js';
import type { StateAudit } from '../state/state-audit.js';
import type { UpdateStream } from '../state/update-stream.js';
import { mostPayloadBytes } from '../steps/verify-contribution.js';
import type { StepTraces } from '../tracing/step-traces.js';
import { refused, registerWorker, type RegistrationParts } from '../workers/registration.js';

/** The parts of a run that its workers' calls reach. */
export interface ServiceParts extends RegistrationParts {
  readonly engine: Engine;
  readonly evaluations: Evaluations;
  readonly updateStream: Pick<UpdateStream, 'follow' | 'sendEarly'>;
  readonly stateAudit: StateAudit;
  readonly traces: Pick<StepTraces, 'judge'>;
}

/**
 * The coordinator's side of the protocol.
 *
 * @param ready resolves once workers may register; callers wait for it
 * @param described resolves, earlier, once the description is known
 */
export function createService(
  ready: Promise<ServiceParts>,
  described: Promise<RunDescription>,
): ProtocolHandlers {
  let led: ServiceParts | undefined;
  const service = ready.then((parts) => {
    led = parts;
    return new CoordinatorService(parts);
  });
  service.catch(() => undefined); // each call reports it
  return {
    describe: async () => {
      const description = await described;
      const hasBegun = led !== undefined && led.steps.state.committedStep > 0;
      return { ...description, untrained: description.untrained && !hasBegun };
    },
    register: async (request, caller) => registerWorker(await ready, request, caller),
    follow: async (request, follower, caller) => (await service).follow(request, follower, caller),
    fetch: async (request, caller) => (await service).fetch(request, caller),
    take: async (request, caller) => (await service).take(request, caller),
    admit: async (begin, bytes, caller) => (await service).admit(begin, bytes, caller),
    factors: async (begin, early, caller) => (await service).factors(begin, early, caller),
    submit: async (header, payload, receipt, caller) =>
      (await service).contribute(header, payload, receipt, caller),
    expectsState: async (header, bytes, caller) =>
      (await service).expectsState(header, bytes, caller),
    uploadState: async (header, state, caller) =>
      (await service).uploadState(header, state, caller),
    submitEvaluation: async (result, caller) => (await service).submitEvaluation(result, caller),
    heartbeat: async (request, caller) => (await service).heartbeat(request, caller),
    leave: async (request, caller) => (await service).leave(request, caller),
  };
}

/** Translates workers' calls to events and back; all decisions are made by the parts. */
class CoordinatorService {
  readonly #parts: ServiceParts;
  readonly #spec: RunSpec;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#spec = parts.spec;
  }

  async follow(
    { session, version, stateSha256 }: FollowRequest,
    follower: Follower,
    caller?: Caller,
  ): Promise<void> {
    const { workers, updateStream, steps } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    if (!worker) return follower.refuse(unknownSession());
    const { state, reason } = steps.state.condition;
    follower.send(encodeRunStatus(state, reason));
    const closed = (): void => {
      if (!worker.departure) steps.handle({ type: 'stream-closed', worker: worker.id });
    };
    if (follower.signal.aborted) return closed();
    follower.signal.addEventListener('abort', closed, { once: true });
    await updateStream.follow(worker, follower, { version, stateSha256 });
  }

  async fetch(
    { session, version }: FetchRequest,
    caller?: Caller,
  ): Promise<EncodedMessage | Refusal> {
    const { workers, engine } = this.#parts;
    if (!workers.bySession(session, caller?.holder)) return unknownSession();
    const snapshot = await engine.run('export', { pinned: version }).catch(() => undefined);
    if (snapshot) return encodeSnapshot({ version, state: snapshot.state });
    return refused('version-not-kept', `version ${version} is not being evaluated`);
  }

  take({ session, shard }: TakeRequest, caller?: Caller): TakeOutcome {
    const { workers, evaluations, steps } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    if (!worker) return unknownSession();
    if (shard.evaluation) {
      return evaluations.take(worker, shard.step, shard.index)
        ? { kind: 'granted' }
        : refused('not-needed', 'the evaluation shard has its result');
    }
    const { verdict, reason } = steps.take(worker, shard);
    if (verdict === 'granted') return { kind: 'granted' };
    return refused(takeReasons[verdict] ?? 'not-needed', reason);
  }

  admit({ session }: ContributionBegin, bytes: number, caller?: Caller): SubmitOutcome | undefined {
    if (!this.#parts.workers.bySession(session, caller?.holder)) return unknownSubmitter();
    const most = mostPayloadBytes(this.#spec, this.#spec.shardSize);
    if (bytes <= most) return undefined;
    const message = `${bytes} bytes, where a shard of this run has ${most} at most`;
    return { verdict: 'too-large', message };
  }

  /** Sends a factored section to the other workers early, if the contribution may count. */
  factors(
    { session, runId, shard, wire, sampleCount }: ContributionBegin,
    early: EarlyFactors,
    caller?: Caller,
  ): void {
    const { workers, updateStream, steps } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    const { state } = steps;
    const { step, index, term } = shard;
    const open = state.current?.step === step ? state.current.shards[index] : undefined;
    const fits = runId === state.runId && term === state.term && wire === this.#spec.wire;
    if (!worker || !open || open.counted || !fits || this.#spec.numerics !== 'strict') return;
    if (sampleCount !== open.shard.sampleCount) return;
    updateStream.sendEarly(worker.id, { step, index, ...early });
  }

  contribute(
    header: ContributionHeader,
    payload: GradientBytes,
    receipt: Receipt,
    caller?: Caller,
  ): SubmitOutcome {
    const { workers, steps, stateAudit, traces } = this.#parts;
    const { step, index, attempt } = header.shard;
    const place = { 'lockstep.step': step, 'lockstep.shard': index, 'lockstep.attempt': attempt };
    return traces.judge(receipt.trace, place, () => {
      const worker = workers.bySession(header.session, caller?.holder);
      if (!worker) return unknownSubmitter();
      const { verdict, reason } = steps.receive(worker, header, payload, receipt);
      const uploadState = header.proof !== undefined && stateAudit.proved(worker, header.proof);
      return { verdict: submitVerdicts[verdict] ?? 'late', message: reason, uploadState };
    });
  }

  expectsState({ session, version }: StateUploadHeader, bytes: number, caller?: Caller): boolean {
    const { workers, stateAudit } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    return (
      worker !== undefined &&
      stateAudit.expects(worker, version) &&
      bytes === stateByteLength(stateLayout(this.#spec))
    );
  }

  uploadState(
    { session, version, sha256: stateSha256 }: StateUploadHeader,
    state: Uint8Array<ArrayBuffer>,
    caller?: Caller,
  ): boolean {
    const { workers, stateAudit } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    return !!worker && stateAudit.stateUploaded(worker, { version, stateSha256 }, state);
  }

  submitEvaluation(
    {
      session,
      runId,
      shard,
      predictions: classes,
      confidences: bytes,
      ...totals
    }: EvaluationResult,
    caller?: Caller,
  ): SubmitOutcome {
    const { workers, evaluations, steps } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    if (!worker) return unknownSubmitter();
    const { step: version, index } = shard;
    const message = `evaluation of version ${version}`;
    if (runId !== steps.state.runId) return { verdict: 'wrong-run', message };
    const confidences = decodeTensor(bytes, 'f32');
    const predictions = predictionsFrom(classes);
    const result = { version, index, ...totals, predictions, confidences };
    return { verdict: evaluations.accept(worker, result), message };
  }

  heartbeat(request: HeartbeatRequest, caller?: Caller): HeartbeatReply {
    const { workers, steps } = this.#parts;
    const { term } = steps.state;
    const worker = workers.bySession(request.session, caller?.holder);
    if (!worker) return { known: false, term };
    const { version, shard } = request;
    mustExist(version, steps.state.committedStep);
    worker.heard(request);
    const currentShard = shard && !shard.evaluation ? shard : 'nothing';
    const ready = version !== undefined;
    steps.handle({ type: 'worker-heard', worker: worker.id, ready, currentShard });
    return { known: true, term };
  }

  leave({ session, reason }: LeaveRequest, caller?: Caller): void {
    const { workers, steps } = this.#parts;
    const worker = workers.bySession(session, caller?.holder);
    if (!worker) return;
    steps.handle({ type: 'worker-gone', worker: worker.id, how: 'left', reason });
  }
}

/** The refusal for each verdict on a take; `not-needed` for the others. */
const takeReasons: Partial<Record<Verdict, RefusalReason>> = {
  'stale-term': 'stale-term',
  'unknown-worker': 'unknown-session',
  quarantined: 'quarantined',
};

/** The protocol's word for each verdict on a contribution; `late` for the others. */
const submitVerdicts: Partial<Record<Verdict, SubmitOutcome['verdict']>> = {
  counted: 'counted',
  duplicate: 'duplicate',
  disputed: 'disputed',
  late: 'late',
  'stale-term': 'stale-term',
  'wrong-run': 'wrong-run',
  'wrong-step': 'wrong-step',
  'wrong-shape': 'wrong-shape',
  'wrong-hash': 'wrong-hash',
  'not-finite': 'not-finite',
  'unknown-worker': 'unknown-session',
  quarantined: 'quarantined',
  'contradicts-ledger': 'disputed',
};

/** @throws LockstepError `protocol-violation` for a version that is still to come */
function mustExist(version: number | undefined, newest: number): void {
  if (version === undefined || version <= newest) return;
  const message = `HeartbeatRequest.version is ${version}, the newest version is ${newest}`;
  throw new LockstepError('protocol-violation', message);
}

function unknownSession(): Refusal {
  return refused('unknown-session', 'register again');
}

function unknownSubmitter(): SubmitOutcome {
  return { verdict: 'unknown-session', message: 'register again' };
}
