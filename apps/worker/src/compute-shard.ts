import type { Engine } from '@lockstep/engine';
import type {
  ContributionEnd,
  ProtocolClient,
  ShardAttempt,
  StateProof,
  SubmitOutcome,
} from '@lockstep/protocol';
import type { ShardContext, ShardJob, ShardResult, TrainJob } from '@lockstep/queue';
import { within, type Tracer } from '@lockstep/tracing';
import { evaluateShard } from './evaluate-shard.js';
import type { HeldState } from './held-state.js';
import { place, type Membership } from './membership.js';
import { startComputing, timingsOf } from './start-computing.js';

export interface ShardWork {
  /** Computes or evaluates a shard and sends the answer. */
  handle(job: ShardJob, context: ShardContext): Promise<ShardResult>;
  /** The shard in hand: computed, or else answered. */
  readonly currentShard: ShardAttempt | undefined;
  /** Resolves when every answer on its way has arrived. */
  sent(): Promise<void>;
}

/**
 * What a worker does with a job from the queue. The answer's factored section is sent while the rest
 * is computed, and the rest while the next shard is: that a job is done for the queue says only that
 * its answer is under way, since the coordinator's own deadline hands out again whatever does not
 * arrive.
 */
export function createShardWork(parts: {
  readonly engine: Engine;
  readonly client: ProtocolClient;
  readonly held: HeldState;
  readonly membership: Membership;
  readonly tracer: Tracer;
  readonly contributed: (
    shard: ShardAttempt,
    outcome: SubmitOutcome,
    cost: { readonly computeMs: number; readonly payloadBytes: number },
  ) => void;
  readonly failed: (error: unknown) => void;
}): ShardWork {
  const { engine, client, held, membership, tracer } = parts;
  const { session, runId, term, spec } = membership;
  let currentShard: ShardAttempt | undefined;
  let answering: ShardAttempt | undefined;
  let sending: Promise<void> = Promise.resolve();
  let idleSince = performance.now();

  const train = async (job: TrainJob, context: ShardContext): Promise<ShardResult> => {
    const attempt: ShardAttempt = { ...place(job, term), step: job.shard.step, evaluation: false };
    const arrived = performance.now();
    const idleMs = arrived - idleSince;
    const { trace } = job;
    const during = <Result>(name: string, work: () => Result): Result =>
      within(tracer.under(trace, name), work);
    await during('wait', () => held.reaches(job.version, context.signal));
    if (held.version !== job.version) return 'done'; // the run has gone on without this shard
    const asked = performance.now();
    // Leave is asked for while the shard is computed already: it is nearly always granted.
    const leave = during('take', () => client.take({ session, shard: attempt }));
    const granted = leave.then(({ kind }) => kind === 'granted');
    const request = { shard: job.shard, clean: job.clean };
    const { factors, whole } = startComputing(engine, request);
    const computed = during('compute', () => whole);
    const before = sending; // one answer on its way at a time: memory stays bounded
    const rest = Promise.all([computed, granted, before]).then(([shard]): ContributionEnd => {
      const moments = { arrived, asked, known: shard.knownAt, sent: performance.now() };
      const timings = { idleMs, ...timingsOf(moments, shard, held.newest) };
      const { dense, sha256, totals } = shard;
      return { dense, ...totals, sha256, timings, proof: held.proof };
    });
    const span = tracer.under(trace, 'submit');
    const submit = async (): Promise<void> => {
      const { factored, factoredSha256 } = await factors;
      held.keepFactors({ ...job.shard, sha256: factoredSha256 }, factored);
      await before;
      if (!(await granted)) return;
      answering = attempt;
      const { sampleCount } = job.shard;
      const begin = { session, runId, shard: attempt, wire: spec.wire, sampleCount };
      const outcome = await within(span, () =>
        client.submit(begin, factored, rest, { trace: span.parent }),
      );
      const { dense, proof } = await rest;
      const payloadBytes = factored.byteLength + dense.byteLength;
      parts.contributed(attempt, outcome, { computeMs: (await computed).computeMs, payloadBytes });
      uploadState(proof, outcome.uploadState === true);
    };
    rest.catch(() => undefined); // it is told where it is waited for
    const done = Promise.all([computed, granted]);
    sending = submit()
      .catch((error: unknown) =>
        // What failed before the answer is told by whoever handed the job in.
        done.then(
          () => parts.failed(error),
          () => undefined,
        ),
      )
      .finally(() => (answering = undefined));
    await done;
    return 'done';
  };

  /** Sends the state that was proved, where the coordinator wants it, beside the next shards. */
  const uploadState = (proof: StateProof | undefined, wanted: boolean): void => {
    const state = proof && held.proved(proof);
    if (!wanted || !state) return;
    const { version, stateSha256: sha256 } = proof;
    client.uploadState({ session, version, sha256 }, state).catch(parts.failed);
  };

  return {
    handle: async (job, context) => {
      if (job.runId !== runId || job.term < term) return 'done';
      if (job.term > term) return 'give-back'; // this worker has not met the new coordinator yet
      currentShard = { ...place(job, term), ...handOf(job) };
      try {
        return await (job.kind === 'train' ? train(job, context) : evaluateShard(job, parts));
      } catch (error) {
        if (!context.signal.aborted) parts.failed(error);
        return 'give-back';
      } finally {
        currentShard = undefined;
        idleSince = performance.now();
      }
    },
    get currentShard() {
      return currentShard ?? answering;
    },
    sent: () => sending,
  };
}

function handOf(job: ShardJob): Pick<ShardAttempt, 'step' | 'evaluation'> {
  return job.kind === 'train'
    ? { step: job.shard.step, evaluation: false }
    : { step: job.shard.version, evaluation: true };
}
