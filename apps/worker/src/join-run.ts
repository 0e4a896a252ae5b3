import { LockstepError, parseRunSpec, specHash, type RunSpec } from '@lockstep/core';
import { fingerprintFields, type Engine } from '@lockstep/engine';
import type { ProtocolClient, RunDescription, ShardAttempt } from '@lockstep/protocol';
import type { ShardJob } from '@lockstep/queue';
import { HeldState } from './state/held-state.js';
import type { WorkerOptions } from './worker-options.js';
import type { WorkerProcess } from './ports.js';

/** A run whose model and data this worker has loaded. */
export interface PreparedRun {
  readonly spec: RunSpec;
  readonly specSha256: string;
  readonly fingerprint: string;
  /** The state that this worker has of it; none at first. */
  readonly held: HeldState;
}

/** One membership in a run, from its registration on. */
export interface Membership {
  readonly runId: string;
  readonly term: number;
  readonly session: string;
  /** Name of the queue of the term's shards. */
  readonly queue: string;
  /** The id that the coordinator issued. */
  readonly workerId: string;
  readonly spec: RunSpec;
}

/**
 * Loads the run's model and data, and computes the numerics fingerprint.
 *
 * @throws LockstepError `protocol-violation` when the spec that came cannot be read, or as the engine
 */
export async function prepareRun(
  engine: Engine,
  description: RunDescription,
  options: Pick<WorkerOptions, 'model' | 'data'>,
): Promise<PreparedRun> {
  const spec = specOf(description);
  await engine.run('prepare', {
    spec,
    model: options.model ?? spec.model.name,
    data: options.data ?? spec.data.name,
  });
  const { fingerprint } = await engine.run('probe', undefined);
  return { spec, specSha256: specHash(spec), fingerprint, held: new HeldState(engine) };
}

/** @throws LockstepError `protocol-violation` */
export function specOf({ specJson }: RunDescription): RunSpec {
  return parseRunSpec(specJson, 'the coordinator');
}

/** How a worker's process presents itself to a coordinator. */
export interface Introduction {
  /** What it proposes as its id: its configured name, or the id that it was issued before. */
  readonly name: string;
  /** Proves in a later registration that the process is the same. */
  readonly processKey: Uint8Array;
}

/** Registers the worker with the coordinator. @throws LockstepError `worker-refused` */
export async function register(
  { client, engine, process }: { client: ProtocolClient; engine: Engine; process: WorkerProcess },
  introduction: Introduction,
  { runId }: RunDescription,
  { spec, specSha256, fingerprint }: PreparedRun,
): Promise<Membership> {
  const outcome = await client.register({
    ...introduction,
    ...{ specSha256, fingerprint },
    host: process.host,
    pid: process.pid,
    backend: engine.facts.backend,
    dataSha256: spec.data.sha256,
    fingerprintFields: fingerprintFields(engine.facts, spec),
  });
  if (outcome.kind === 'accepted') {
    const { term, session, workerId, queue } = outcome;
    return { runId, term, session, workerId, queue, spec };
  }
  throw new LockstepError('worker-refused', `${outcome.reason}: ${outcome.message}`, {
    remedy: 'a worker must have the run’s data, numerics and version of Lockstep',
  });
}

/** The shard attempt that a job stands for, of the membership's term. */
export function attemptOf(job: ShardJob, { term }: Membership): ShardAttempt {
  const { attempt, shard } = job;
  const place = { term, index: shard.index, attempt };
  return job.kind === 'train'
    ? { ...place, step: job.shard.step, evaluation: false }
    : { ...place, step: job.shard.version, evaluation: true };
}
