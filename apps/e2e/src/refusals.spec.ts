import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  contributionHash,
  encodeGradient,
  mostGradientBytes,
  sectionLengths,
  sectionRoots,
  type RunSpec,
  type ShardTotals,
} from '@lockstep/core';
import {
  createProtocolClient,
  type ContributionHeader,
  type ProtocolClient,
  type RegisterRequest,
  type RunDescription,
  type ShardAttempt,
} from '@lockstep/protocol';
import { startRedis } from '@lockstep/runtime';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startLockstep, type Lockstep } from './harness/lockstep.js';
import { REFERENCE } from './harness/reference-run.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, referenceSha256 } from './harness/train.js';

const SHARD_SIZE = 4;
const totals: ShardTotals = { sampleCount: SHARD_SIZE, lossSum: 9, metricSums: [1] };

/** A coordinator that waits for its first worker, and a Redis of its own. */
async function startCoordinator(sandbox: Sandbox): Promise<{
  run: Lockstep;
  redis: string;
  grpc: string;
  fingerprint: string;
}> {
  const redis = await startRedis({ folder: sandbox.temporary });
  onTestFinished(() => redis.stop());
  const patience = ['--heartbeat-timeout', '60000'];
  const where = ['--data', inject('smallData'), '--out', sandbox.runs, '--redis', redis.url];
  const args = ['coordinator', ...REFERENCE, ...where, ...patience, '--json'];
  const run = startLockstep(sandbox, args);
  const { grpc } = await run.event('listening');
  const { fingerprint } = await run.event('run-started');
  return { run, redis: redis.url, grpc, fingerprint };
}

function startWorker(
  sandbox: Sandbox,
  { redis, grpc }: { redis: string; grpc: string },
  environment: Record<string, string> = {},
): Lockstep {
  const args = ['worker', '--redis', redis, '--coordinator', grpc, '--data', inject('smallData')];
  return startLockstep(sandbox, args, { environment });
}

/** Registers as a worker would, with the run's fingerprint, but for what `told` changes. */
async function register(
  client: ProtocolClient,
  description: RunDescription,
  told: Pick<RegisterRequest, 'fingerprint'> & Partial<RegisterRequest>,
) {
  const { data } = JSON.parse(description.specJson) as RunSpec;
  return client.register({
    name: `liar-${randomUUID().slice(0, 8)}`,
    processKey: randomBytes(32),
    host: hostname(),
    pid: process.pid,
    backend: 'native',
    specSha256: description.specSha256,
    dataSha256: data.sha256,
    fingerprintFields: {},
    ...told,
  });
}

describe('a coordinator refuses by name', () => {
  it('workers and answers that are not the run’s, and its weights stay the same', async () => {
    const sandbox = createSandbox();
    const { run, redis, grpc, fingerprint } = await startCoordinator(sandbox);
    const client = createProtocolClient({ address: grpc, maxPayloadBytes: 2 ** 26 });
    onTestFinished(() => client.close());
    const description = await client.describe();
    const spec = JSON.parse(description.specJson) as RunSpec;

    const other = 'f'.repeat(64);
    const threads = { threads: '7' };
    for (const [lie, reason, said] of [
      [{ specSha256: other }, 'wrong-spec', /spec is .* the worker's ffffffffffff/],
      [{ dataSha256: other }, 'wrong-data', /trains on .* the worker has ffffffffffff/],
      [
        { fingerprint: other, fingerprintFields: threads },
        'wrong-fingerprint',
        /threads is 7, the coordinator's 1/,
      ],
    ] as const) {
      const name = `liar-${reason}`;
      const outcome = await register(client, description, { fingerprint, ...lie, name });
      expect(outcome).toMatchObject({ kind: 'refused', reason });
      const event = await run.event('worker', ({ id }) => id === name);
      expect(event).toMatchObject({
        state: 'refused',
        reason: expect.stringMatching(said) as string,
      });
    }

    const join = async (): Promise<{ session: string; term: number }> => {
      const member = await register(client, description, { fingerprint });
      if (member.kind !== 'accepted') throw new Error(member.message);
      const idle = { shard: undefined, rssBytes: 0, tensorCount: 0, cpuSeconds: 0, log: [] };
      const beat = { session: member.session, version: 0, ...idle };
      expect(await client.heartbeat(beat)).toMatchObject({ known: true });
      return member;
    };
    const { session, term } = await join();
    await run.event('state', ({ state }) => state === 'running');

    const shard: ShardAttempt = { term, step: 1, index: 0, attempt: 1, evaluation: false };
    const lengths = sectionLengths(spec.model, SHARD_SIZE);
    const { dense: length } = lengths;
    const factors = new Float32Array(lengths.factored);
    const factored = encodeGradient(factors, spec.wire);
    // Each by a worker of its own: one whose answers are all damaged is soon not listened to.
    const submit = async (
      values: Float32Array,
      lie: Partial<ContributionHeader> = {},
      dense = encodeGradient(values, spec.wire),
    ) => {
      const { session: mine } = await join();
      const named = { session: mine, runId: description.runId, shard, wire: spec.wire };
      const roots = sectionRoots({ factored: factors, dense: values });
      const sha256 = contributionHash({ ...totals, ...lie }, roots);
      const header: ContributionHeader = { ...named, ...totals, sha256, ...lie };
      return client.submit(header, factored, { ...header, dense });
    };
    const zeros = new Float32Array(length);
    const notANumber = new Float32Array(length).fill(NaN);
    const shorter = encodeGradient(new Float32Array(length).fill(1, 32), spec.wire).slice(0, -4);
    const most =
      mostGradientBytes(length, spec.wire) + mostGradientBytes(factors.length, spec.wire);
    const tooLong = new Uint8Array(most - factored.length + 1);
    for (const [values, lie, verdict, dense] of [
      [zeros, {}, 'wrong-shape', shorter],
      [zeros, { sampleCount: 3 }, 'wrong-shape'],
      [zeros, { wire: 'bf16' }, 'wrong-shape'],
      [zeros, {}, 'too-large', tooLong],
      [zeros, { sha256: other }, 'wrong-hash'],
      [zeros, { session: 'unknown' }, 'unknown-session'],
      [zeros, { runId: 'another' }, 'wrong-run'],
      [zeros, { shard: { ...shard, term: term - 1 } }, 'stale-term'],
      [zeros, { shard: { ...shard, step: 2 } }, 'wrong-step'],
      [zeros, { shard: { ...shard, index: 5 } }, 'wrong-step'],
      [zeros, { lossSum: Infinity }, 'not-finite'],
      [notANumber, { shard: { ...shard, index: 1 } }, 'not-finite'],
    ] as const) {
      expect([lie, (await submit(values, lie, dense)).verdict]).toEqual([lie, verdict]);
    }
    expect(await client.take({ session: 'unknown', shard })).toMatchObject({
      reason: 'unknown-session',
    });
    expect(await client.take({ session, shard: { ...shard, term: term - 1 } })).toMatchObject({
      reason: 'stale-term',
    });
    await client.leave({ session, reason: 'enough lies' });

    startWorker(sandbox, { redis, grpc });
    expect(await finished(run)).toBe(referenceSha256());
  });

  it('a worker on another backend, with its name', async () => {
    const sandbox = createSandbox();
    const coordinator = await startCoordinator(sandbox);
    const worker = startWorker(sandbox, coordinator, { LOCKSTEP_BACKEND: 'wasm' });
    expect(await worker.ended).toBe(1);
    const said = /backend is wasm, the coordinator's native/;
    expect(worker.stderr).toMatch(said);
    expect(worker.stderr).toContain('worker-refused');
    const event = await coordinator.run.event('worker', ({ state }) => state === 'refused');
    expect(event.reason).toMatch(said);
    coordinator.run.kill('SIGINT');
    expect(await coordinator.run.ended).toBe(130);
  });
});
