import type { Engine } from '@lockstep/engine';
import type { ProtocolClient } from '@lockstep/protocol';
import type { EvaluateJob, ShardResult } from '@lockstep/queue';
import { attemptOf, type Membership } from './join-run.js';
import type { HeldState } from './state/held-state.js';

/** Evaluates one version on a shard of the test set: take → weights → evaluate → result. */
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
  const { session, runId } = membership;
  const { version, sampleCount } = job.shard;
  const shard = attemptOf(job, membership);
  const grant = await client.take({ session, shard });
  if (grant.kind === 'refused') return 'done';
  if (held.keeps(version)) {
    await held.keep(version);
  } else {
    const snapshot = await client.fetch({ session, version });
    if (snapshot.kind === 'refused') return 'done';
    await held.keep(version, snapshot.state);
  }
  const evaluated = await engine.run('evaluate', { shard: job.shard });
  const { metricSums, lossSum, predictions, confidences } = evaluated;
  await client.submitEvaluation({
    ...{ session, runId, shard, sampleCount, lossSum, metricSums: [...metricSums] },
    predictions: Buffer.from(predictions.buffer),
    confidences: Buffer.from(confidences.buffer),
  });
  return 'done';
}
