import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  contributionHash,
  encodeGradient,
  parseRunSpec,
  sectionLengths,
  sectionRoots,
  toName,
  type RunSpec,
} from '@lockstep/core';
import { metricWidth } from '@lockstep/model/objective';
import {
  createProtocolClient,
  LARGEST_PAYLOAD_BYTES,
  PROCESS_KEY_BYTES,
  type ProtocolClient,
  type ShardAttempt,
} from '@lockstep/protocol';
import type { Training } from './training.js';

const POLL_MS = 2;
const HEARTBEAT_MS = 300;
/** How long the arbiter may take, on a busy machine too. */
const PATIENCE_MS = 60_000;

/** A membership in the run. */
interface Member {
  readonly id: string;
  readonly session: string;
  readonly term: number;
  readonly runId: string;
  readonly spec: RunSpec;
}

/**
 * A worker that contributes other values for a shard whose step is committed. It takes no jobs from the
 * queue, and each contradiction uses a new worker id, as a quarantined one cannot join again.
 */
export class Contradictor {
  readonly #training: Training;
  readonly #signal: AbortSignal;
  #count = 0;

  constructor(training: Training, signal: AbortSignal) {
    this.#training = training;
    this.#signal = signal;
  }

  /**
   * Joins the run, takes a shard of the open step and contradicts it once the step is committed. It remains
   * a member until it is quarantined, beside later faults.
   *
   * @param grpc the coordinator's address
   * @returns what was contradicted; undefined if the coordinator refused or ended
   */
  async contradict(grpc: string): Promise<string | undefined> {
    const client = createProtocolClient({
      ...{ address: grpc, maxPayloadBytes: LARGEST_PAYLOAD_BYTES, sharesMemory: false },
    });
    let remains = false;
    try {
      const member = await this.#join(client);
      const shard = member && (await this.#takeOpenShard(client, member));
      if (!shard || !(await this.#untilCommitted(shard.step))) return undefined;
      remains = await contributeZeros(client, member, shard);
      if (!remains) return undefined;
      void this.#remain(client, member);
      return `step ${shard.step} shard ${shard.index} by ${member.id}`;
    } catch {
      return undefined; // the coordinator was killed or is not ready
    } finally {
      if (!remains) client.close();
    }
  }

  async #join(client: ProtocolClient): Promise<Member | undefined> {
    const { fingerprint } = this.#training.record.started ?? {};
    if (fingerprint === undefined) return undefined;
    const { runId, specJson, specSha256 } = await client.describe();
    const spec = parseRunSpec(specJson, 'the coordinator');
    const id = `contradictor-${process.pid}-${++this.#count}`;
    const outcome = await client.register({
      ...{
        name: id,
        processKey: randomBytes(PROCESS_KEY_BYTES),
        specSha256,
        fingerprint,
        fingerprintFields: {},
      },
      ...{
        host: toName(hostname()),
        pid: process.pid,
        backend: 'none',
        dataSha256: spec.data.sha256,
      },
    });
    if (outcome.kind === 'refused') return undefined;
    return { id: outcome.workerId, session: outcome.session, term: outcome.term, runId, spec };
  }

  /** Takes the first shard of the step that is open. */
  async #takeOpenShard(
    client: ProtocolClient,
    { session, term }: Member,
  ): Promise<ShardAttempt | undefined> {
    while (this.#mayContinue()) {
      const step = this.#training.record.step + 1;
      const shard = { term, step, index: 0, attempt: 1, evaluation: false };
      if ((await client.take({ session, shard })).kind === 'granted') return shard;
      await delay(POLL_MS);
    }
    return undefined;
  }

  /** @returns false if the training ends before */
  async #untilCommitted(step: number): Promise<boolean> {
    while (this.#training.record.step < step && this.#mayContinue()) await delay(POLL_MS);
    return this.#training.record.step >= step;
  }

  /** Sends heartbeats until the coordinator no longer knows the session. */
  async #remain(client: ProtocolClient, { session }: Member): Promise<void> {
    const limit = performance.now() + PATIENCE_MS;
    const idle = { session, shard: undefined, rssBytes: 0, tensorCount: 0, cpuSeconds: 0, log: [] };
    try {
      while (this.#mayContinue() && performance.now() < limit) {
        if (!(await client.heartbeat(idle)).known) return;
        await delay(HEARTBEAT_MS);
      }
    } catch {
      // The coordinator was killed, or has ended.
    } finally {
      client.close();
    }
  }

  #mayContinue(): boolean {
    return !this.#training.isOver() && !this.#signal.aborted;
  }
}

/** Contributes a gradient of zeros under its own hash. @returns whether that began a dispute */
async function contributeZeros(
  client: ProtocolClient,
  { session, runId, spec }: Member,
  shard: ShardAttempt,
): Promise<boolean> {
  const { wire, model, data, shardSize: sampleCount } = spec;
  const lengths = sectionLengths(model, sampleCount);
  const zeros = {
    factored: new Float32Array(lengths.factored),
    dense: new Float32Array(lengths.dense),
  };
  const metricSums = new Array<number>(metricWidth(model.metrics, data.target)).fill(0);
  const totals = { sampleCount, lossSum: 0, metricSums };
  const sha256 = contributionHash(totals, sectionRoots(zeros));
  const factored = encodeGradient(zeros.factored, wire);
  const dense = encodeGradient(zeros.dense, wire);
  const begin = { session, runId, shard, wire, sampleCount };
  const { verdict } = await client.submit(begin, factored, { ...totals, dense, sha256 });
  return verdict === 'disputed';
}
