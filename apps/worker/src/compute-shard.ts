import type { ComputedShard, Engine } from '@lockstep/engine';
import type { ProtocolClient, ShardAttempt, ShardTimings, SubmitOutcome } from '@lockstep/protocol';
import type { EvaluateJob, ShardContext, ShardJob, ShardResult, TrainJob } from '@lockstep/queue';
import type { RunSpec } from '@lockstep/core';
import { within, type Tracer } from '@lockstep/tracing';
import type { HeldState } from './held-state.js';

/** One membership in a run: what is needed to answer its shards. */
export interface Membership {
  readonly runId: string;
  readonly term: number;
  readonly session: string;
  readonly spec: RunSpec;
}

export interface ShardWork {
  /** Computes or evaluates a shard and sends the answer. */
  handle(job: ShardJob, context: ShardContext): Promise<ShardResult>;
  /** The shard in hand. */
  readonly inHand: ShardAttempt | undefined;
  /** Resolves when every answer on its way has arrived. */
  sent(): Promise<void>;
}

/**
 * What a worker does with a job from the queue. The answer is sent while the next shard is computed:
 * that a job is done for the queue says only that its answer is under way, since the coordinator's
 * own deadline hands out again whatever does not arrive.
 */
export function createShardWork(parts: {
  readonly engine: Engine;
  readonly client: ProtocolClient;
  readonly held: HeldState;
  readonly membership: Membership;
  readonly tracer: Tracer;
  readonly answered: (
    shard: ShardAttempt,
    outcome: SubmitOutcome,
    cost: { readonly computeMs: number; readonly payloadBytes: number },
  ) => void;
  readonly failed: (error: unknown) => void;
}): ShardWork {
  const { engine, client, held, membership, tracer } = parts;
  const { session, runId, term, spec } = membership;
  let inHand: ShardAttempt | undefined;
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
    leave.catch(() => undefined);
    const request = { shard: job.shard, clean: job.clean };
    const computed = await during('compute', () => engine.run('computeGradient', request));
    const { totals, payload, sha256 } = computed;
    const known = performance.now();
    if ((await leave).kind === 'refused') return 'done';
    await sending; // one answer on its way at a time: memory stays bounded
    const moments = { arrived, asked, known, sent: performance.now() };
    const timings = { idleMs, ...timingsOf(moments, computed, held.newest) };
    const header = {
      ...{ session, runId, shard: attempt, wire: spec.wire, sha256, timings },
      ...totals,
    };
    const cost = { computeMs: computed.computeMs, payloadBytes: payload.byteLength };
    const span = tracer.under(trace, 'submit');
    sending = within(span, () => client.submit(header, payload, { trace: span.parent })).then(
      (outcome) => parts.answered(attempt, outcome, cost),
      parts.failed,
    );
    return 'done';
  };

  const evaluate = async (job: EvaluateJob): Promise<ShardResult> => {
    const { version } = job.shard;
    const attempt: ShardAttempt = { ...place(job, term), step: version, evaluation: true };
    const leave = await client.take({ session, shard: attempt });
    if (leave.kind === 'refused') return 'done';
    if (!held.keeps(version)) {
      const snapshot = await client.fetch({ session, version });
      if (snapshot.kind === 'refused') return 'done';
      await held.keep(version, snapshot.state);
    } else {
      await held.keep(version);
    }
    const evaluated = await engine.run('evaluate', { shard: job.shard });
    const { correctCount, lossSum, predictions, confidences } = evaluated;
    const { sampleCount } = job.shard;
    await client.submitEvaluation({
      ...{ session, runId, shard: attempt, sampleCount, correctCount, lossSum },
      predictions: Buffer.from(predictions.buffer),
      confidences: Buffer.from(confidences.buffer),
    });
    return 'done';
  };

  return {
    handle: async (job, context) => {
      if (job.runId !== runId || job.term < term) return 'done';
      if (job.term > term) return 'give-back'; // this worker has not met the new coordinator yet
      inHand = { ...place(job, term), ...handOf(job) };
      try {
        return await (job.kind === 'train' ? train(job, context) : evaluate(job));
      } catch (error) {
        if (!context.signal.aborted) parts.failed(error);
        return 'give-back';
      } finally {
        inHand = undefined;
        idleSince = performance.now();
      }
    },
    get inHand() {
      return inHand;
    },
    sent: () => sending,
  };
}

function place(job: ShardJob, term: number): Pick<ShardAttempt, 'term' | 'index' | 'attempt'> {
  return { term, index: job.shard.index, attempt: job.attempt };
}

/** How the time between the moments of a shard was spent; see `ShardTimings`. */
function timingsOf(
  moments: { arrived: number; asked: number; known: number; sent: number },
  { computeMs, encodeMs }: ComputedShard,
  newest: HeldState['newest'],
): Omit<ShardTimings, 'idleMs'> {
  const { arrived, asked, known, sent } = moments;
  const waitMs = asked - arrived;
  // The thread may have applied the update before the shard came: then nothing waited for it.
  const blockedMs = Math.max(0, known - asked - computeMs - encodeMs);
  return {
    waitMs,
    decodeMs: Math.min(newest.decodeMs, waitMs),
    applyMs: Math.min(newest.applyMs, blockedMs),
    computeMs,
    encodeMs,
    leaveMs: sent - known,
    handMs: sent - asked,
  };
}

function handOf(job: ShardJob): Pick<ShardAttempt, 'step' | 'evaluation'> {
  return job.kind === 'train'
    ? { step: job.shard.step, evaluation: false }
    : { step: job.shard.version, evaluation: true };
}
