import { LockstepError, shardLabel, type Clock, type Shard } from '@lockstep/core';
import type { ComputedFactors, ComputedShard, Engine } from '@lockstep/engine';
import type {
  ContributionEnd,
  ProtocolClient,
  ShardAttempt,
  ShardTimings,
  StateProof,
  SubmitOutcome,
  TakeOutcome,
} from '@lockstep/protocol';
import type { ShardContext, ShardJob, ShardResult, TrainJob } from '@lockstep/queue';
import { within, type Tracer } from '@lockstep/tracing';
import { evaluateShard } from './evaluate-shard.js';
import { attemptOf, type Membership } from './join-run.js';
import type { HeldState } from './state/held-state.js';

export interface ShardWorkParts {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly client: ProtocolClient;
  readonly held: HeldState;
  readonly membership: Membership;
  readonly tracer: Tracer;
  /** Called with the coordinator's verdict on each contribution. */
  readonly onVerdict: (shard: ShardAttempt, outcome: SubmitOutcome, cost: ShardCost) => void;
  readonly onFailure: (error: unknown) => void;
}

export interface ShardCost {
  readonly computeMs: number;
  readonly payloadBytes: number;
}

/** A version that takes longer to arrive is unusual: an update is published as soon as it is made. */
const VERSION_WAIT_MS = 1_000;

/**
 * Computes or evaluates the shards of one session. A training shard passes through two stages, each
 * of which works on one shard at a time: it is computed, and its contribution is uploaded. The upload
 * overlaps the computation of the same shard (factors are sent as soon as they are known) and of the
 * next one. A job is done for the queue once it is computed: if its contribution does not arrive, the
 * coordinator's deadline reissues the shard.
 */
export class ShardWork {
  readonly #parts: ShardWorkParts;
  #computing: ShardAttempt | undefined;
  #uploading: ShardAttempt | undefined;
  /** Resolves when the newest contribution, and so every one before it, has its verdict or failed. */
  #uploads: Promise<void> = Promise.resolve();
  #idleSinceMs: number;

  constructor(parts: ShardWorkParts) {
    this.#parts = parts;
    this.#idleSinceMs = parts.clock.monotonicNow();
  }

  /** The shard being computed, or else the one being uploaded. */
  get currentShard(): ShardAttempt | undefined {
    return this.#computing ?? this.#uploading;
  }

  /** Resolves when no contribution is being uploaded. */
  uploaded(): Promise<void> {
    return this.#uploads;
  }

  async handle(job: ShardJob, context: ShardContext): Promise<ShardResult> {
    const { clock, membership, onFailure } = this.#parts;
    // No coordinator queues such a job here: each term has a queue of its own.
    if (job.runId !== membership.runId || job.term !== membership.term) return 'done';
    this.#computing = attemptOf(job, membership);
    try {
      if (job.kind === 'evaluate') return await evaluateShard(job, this.#parts);
      return await this.#train(job, this.#computing, context);
    } catch (error) {
      if (!context.signal.aborted) onFailure(error);
      return 'give-back';
    } finally {
      this.#computing = undefined;
      this.#idleSinceMs = clock.monotonicNow();
    }
  }

  async #train(
    job: TrainJob,
    attempt: ShardAttempt,
    { signal }: ShardContext,
  ): Promise<ShardResult> {
    const { clock, held, onFailure } = this.#parts;
    const arrivedMs = clock.monotonicNow();
    const idleMs = arrivedMs - this.#idleSinceMs;
    const asked = await this.#traced(job, 'wait', () => this.#awaitVersion(job, attempt, signal));
    if (asked?.kind === 'refused') return 'done';
    if (held.version !== job.version) {
      if (asked) onFailure(overtaken(attempt));
      return 'done'; // the run has advanced without this shard
    }
    const stage = this.#compute(job, attempt, { idleMs, arrivedMs }, asked);
    const previous = this.#uploads;
    const upload = this.#upload(job, attempt, stage, previous);
    this.#uploads = upload.catch((error: unknown) => this.#uploadFailed(error, stage));
    await Promise.all([stage.computed, stage.granted]);
    // At most two contributions exist at once, so memory stays bounded.
    await previous;
    return 'done';
  }

  /**
   * Waits for the version that a shard needs. If it does not arrive soon, the coordinator is asked
   * whether it needs the shard at all: the job may be one that no coordinator has queued.
   *
   * @returns the coordinator's reply, where it was asked; once it refuses, the version is not awaited
   */
  async #awaitVersion(
    { version }: TrainJob,
    shard: ShardAttempt,
    signal: AbortSignal,
  ): Promise<TakeOutcome | undefined> {
    const { clock, client, held, membership } = this.#parts;
    if ((held.version ?? -1) >= version) return undefined;
    const ended = new AbortController();
    const end = (): void => ended.abort(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const reached = held.reaches(version, ended.signal);
    try {
      const late = clock.sleep(VERSION_WAIT_MS, ended.signal).then(() => 'late' as const);
      if ((await Promise.race([reached, late])) !== 'late') return undefined;
      const grant = await client.take({ session: membership.session, shard });
      if (grant.kind === 'granted') await reached;
      return grant;
    } finally {
      reached.catch(() => undefined); // not awaited if the coordinator refused
      signal.removeEventListener('abort', end);
      ended.abort();
    }
  }

  /** Stage 1: requests the grant and computes concurrently, as a grant is rarely refused. */
  #compute(
    job: TrainJob,
    shard: ShardAttempt,
    before: Pick<ShardMoments, 'idleMs' | 'arrivedMs'>,
    asked: TakeOutcome | undefined,
  ): ComputeStage {
    const { clock, client, engine, membership } = this.#parts;
    const moments = { ...before, startedMs: clock.monotonicNow() };
    const { session } = membership;
    const take = (): Promise<TakeOutcome> => client.take({ session, shard });
    const grant = asked ? Promise.resolve(asked) : this.#traced(job, 'take', take);
    const { factors, whole } = computeInParts(engine, job);
    const computed = this.#traced(job, 'compute', () =>
      whole.then((result) => ({ ...result, knownMs: clock.monotonicNow() })),
    );
    return { moments, granted: grant.then(({ kind }) => kind === 'granted'), factors, computed };
  }

  /** Stage 2: uploads the factors, then the rest; the previous contribution goes first. */
  async #upload(
    job: TrainJob,
    shard: ShardAttempt,
    stage: ComputeStage,
    previous: Promise<void>,
  ): Promise<void> {
    const { client, held, membership, tracer, onVerdict } = this.#parts;
    const { session, runId, spec } = membership;
    const span = tracer.under(job.trace, 'submit');
    const { factored, factoredSha256 } = await stage.factors;
    held.keepFactors({ ...job.shard, sha256: factoredSha256 }, factored);
    await previous;
    if (!(await stage.granted)) return;
    this.#uploading = shard;
    const { sampleCount } = job.shard;
    const begin = { session, runId, shard, wire: spec.wire, sampleCount };
    const rest = this.#contributionEnd(stage);
    rest.catch(() => undefined); // rejected by a computation that fails, also after the upload has
    const outcome = await within(span, () =>
      client.submit(begin, factored, rest, { trace: span.parent }),
    ).finally(() => (this.#uploading = undefined));
    const { dense, proof } = await rest;
    const { computeMs } = await stage.computed;
    onVerdict(shard, outcome, {
      computeMs,
      payloadBytes: factored.byteLength + dense.byteLength,
    });
    if (proof) this.#uploadState(proof, outcome);
  }

  async #contributionEnd({ computed, moments }: ComputeStage): Promise<ContributionEnd> {
    const { clock, held } = this.#parts;
    const shard = await computed;
    const timings = timingsOf({ ...moments, sentMs: clock.monotonicNow() }, shard, held.newest);
    const { dense, sha256, totals } = shard;
    return { dense, ...totals, sha256, timings, proof: held.proof };
  }

  /** Uploads the state that was proved, if the coordinator asked for it, beside the next shards. */
  #uploadState(proof: StateProof, outcome: SubmitOutcome): void {
    const { client, held, membership, onFailure } = this.#parts;
    const state = held.proved(proof);
    if (outcome.uploadState !== true || !state) return;
    const { version, stateSha256: sha256 } = proof;
    const { session } = membership;
    client.uploadState({ session, version, sha256 }, state).catch(onFailure);
  }

  /** If computing failed, `handle` has reported it. */
  #uploadFailed(error: unknown, { computed, granted }: ComputeStage): Promise<void> {
    return Promise.all([computed, granted]).then(
      () => this.#parts.onFailure(error),
      () => undefined,
    );
  }

  #traced<Result>({ trace }: TrainJob, name: string, work: () => Result): Result {
    return within(this.#parts.tracer.under(trace, name), work);
  }
}

/** A shard in the first stage. */
interface ComputeStage {
  readonly moments: Omit<ShardMoments, 'sentMs'>;
  readonly granted: Promise<boolean>;
  /** Known before the rest; rejected where computing fails. */
  readonly factors: Promise<ComputedFactors>;
  readonly computed: Promise<KnownShard>;
}

type KnownShard = ComputedShard & { readonly knownMs: number };

/** Moments of a shard, by the monotonic clock, in milliseconds. */
interface ShardMoments {
  /** How long the worker had no shard before this one. */
  readonly idleMs: number;
  readonly arrivedMs: number;
  readonly startedMs: number;
  readonly sentMs: number;
}

/** Begins to compute; the factored section is known before the whole result. */
function computeInParts(
  engine: Engine,
  { shard, clean }: { readonly shard: Shard; readonly clean: boolean },
): { readonly factors: Promise<ComputedFactors>; readonly whole: Promise<ComputedShard> } {
  let whole!: Promise<ComputedShard>;
  const factors = new Promise<ComputedFactors>((known, fail) => {
    whole = engine.run('computeGradient', { shard, clean }, [], known);
    whole.catch(fail);
  });
  return { factors, whole };
}

function overtaken(shard: ShardAttempt): LockstepError {
  const message = `${shardLabel(shard)} was granted, but the run advanced before its version arrived`;
  return new LockstepError('protocol-violation', message);
}

/** How the time between the moments of a shard was spent; see `ShardTimings`. */
function timingsOf(
  { idleMs, arrivedMs, startedMs, sentMs }: ShardMoments,
  { computeMs, encodeMs, knownMs }: KnownShard,
  newest: HeldState['newest'],
): ShardTimings {
  const waitMs = startedMs - arrivedMs;
  // The thread may have applied the update before the shard came: then nothing waited for it.
  const blockedMs = Math.max(0, knownMs - startedMs - computeMs - encodeMs);
  return {
    ...{ idleMs, waitMs, computeMs, encodeMs },
    decodeMs: Math.min(newest.decodeMs, waitMs),
    applyMs: Math.min(newest.applyMs, blockedMs),
    grantMs: sentMs - knownMs,
    takeToSendMs: sentMs - startedMs,
  };
}
