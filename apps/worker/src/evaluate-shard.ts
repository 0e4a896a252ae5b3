import type { Engine } from '@lockstep/engine';
import type { ProtocolClient, ShardAttempt } from '@lockstep/protocol';
import type { EvaluateJob, ShardResult } from '@lockstep/queue';
import type { HeldState } from './held-state.js';
import { place, type Membership } from './membership.js';

/** Evaluates a version on a shard of the test set, and sends the answer. */
export async function evaluateShard(
  job: EvaluateJob,
  parts: {
    readonly engine: Engine;
    readonly client: ProtocolClient;
    readonly held: HeldState;
    readonly membership: Membership;
  },
): Promise<ShardResult> {
  const { engine, client, held, membership } = parts;
  const { session, runId, term } = membership;
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
}
