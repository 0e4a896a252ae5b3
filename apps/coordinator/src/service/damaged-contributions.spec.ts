import {
  contributionHash,
  encodeGradient,
  sectionRoots,
  systemClock,
  type RunEvent,
} from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { Engine } from '@lockstep/engine';
import { createProtocolClient, createProtocolServer } from '@lockstep/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { Evaluations } from '../run/evaluations.js';
import { Replica } from '../state/replica.js';
import { StateAudit } from '../state/state-audit.js';
import { UpdateStream } from '../state/update-stream.js';
import { makeShell } from '../steps/testing/make-shell.js';
import { StepTraces } from '../tracing/step-traces.js';
import { createService } from './coordinator-service.js';

const spec = smallSpec({});
const run = { runId: 'r', term: 1 };
const description = {
  ...{
    ...run,
    specJson: '{}',
    specSha256: 'a'.repeat(64),
    heartbeatIntervalMs: 500,
    untrained: false,
  },
};
const engine: Engine = {
  facts: { backend: 'wasm', tensorflow: 'none', device: 'cpu' },
  run: () => Promise.reject(new Error('nothing is computed here')),
  close: () => Promise.resolve(),
};

/** A coordinator's service on a free port, with a worker that has joined. */
async function start() {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => void events.push(event);
  const { steps, workers } = makeShell({ spec, emit });
  const replica = new Replica(engine, 0);
  const clock = systemClock;
  const service = createService(
    Promise.resolve({
      ...{ spec, description, queueName: 'r-1', workers, steps, emit, engine },
      numerics: { fingerprint: 'same', fields: {} },
      evaluations: new Evaluations({ run, steps, clock, plan: () => [], spec }),
      updateStream: new UpdateStream(workers, replica),
      stateAudit: new StateAudit({ replica, workers, steps, clock, every: 50 }),
      traces: new StepTraces(run),
    }),
    Promise.resolve(description),
  );
  const server = await createProtocolServer(service, {
    ...{ address: '127.0.0.1:0', maxPayloadBytes: 1_000 },
  });
  const client = createProtocolClient({ address: server.address, maxPayloadBytes: 1_000 });
  onTestFinished(async () => {
    client.close();
    await server.close(1_000);
  });
  const joined = await client.register({
    ...{ name: 'w', host: 'h', pid: 1, backend: 'native', specSha256: description.specSha256 },
    ...{ dataSha256: spec.data.sha256, fingerprint: 'same', fingerprintFields: {} },
    processKey: new Uint8Array(32),
  });
  if (joined.kind === 'refused') throw new Error(joined.message);
  return { steps, client, events, session: joined.session };
}

it('a worker whose contributions do not match their hashes is quarantined after three in a row', async () => {
  const { steps, client, events, session } = await start();
  void steps.collect(1, [{ step: 1, index: 0, firstSample: 0, sampleCount: 5 }]);
  const submit = async (attempt: number): Promise<string> => {
    const shard = { ...{ term: 1, step: 1, index: 0, attempt }, evaluation: false };
    await client.take({ session, shard });
    const [factored, dense] = [new Uint8Array(0), encodeGradient(new Float32Array(4), 'f32')];
    const totals = { sampleCount: 5, lossSum: 1, metricSums: [0] };
    const ones = { factored: new Float32Array(0), dense: new Float32Array(4).fill(1) };
    const sha256 = contributionHash(totals, sectionRoots(ones));
    const begin = { session, runId: 'r', shard, wire: 'f32', sampleCount: 5 } as const;
    return (await client.submit(begin, factored, { dense, ...totals, sha256 })).verdict;
  };
  expect([await submit(1), await submit(2)]).toEqual(['wrong-hash', 'wrong-hash']);
  // Each refused attempt is replaced at once.
  expect(steps.state.current?.shards[0]?.attempts.map(({ ended }) => ended)).toEqual([
    ...['given-back', 'given-back', undefined],
  ]);
  await submit(3);
  expect(steps.state.workers.get('w')?.state).toBe('quarantined');
  const reason = '3 of its contributions in a row were refused: wrong-hash';
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'worker', id: 'w', state: 'quarantined', reason }),
  );
});
