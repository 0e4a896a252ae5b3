import { smallSpec } from '@lockstep/core/testing';
import type { Caller, Follower, ProtocolHandlers, Refusal } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { makeShell } from '../steps/testing/make-shell.js';
import { StepTraces } from '../tracing/step-traces.js';
import { createService, type ServiceParts } from './coordinator-service.js';

const spec = smallSpec({});
const description = {
  ...{ runId: 'r', term: 1, specJson: '', specSha256: 's' },
  ...{ heartbeatIntervalMs: 1_000, untrained: true },
};

/** A part of the run that a call without a membership must not reach. */
function outOfReach<Part extends object>(name: string): Part {
  const use = (): never => {
    throw new Error(`the call reached ${name}`);
  };
  return new Proxy({}, { get: use }) as Part;
}

/** The service, and the session of a worker that joined with the token `rack-4`. */
function start() {
  const { steps, workers } = makeShell();
  const parts: ServiceParts = {
    ...{ spec, description, queueName: 'r-1', steps, workers, emit: () => undefined },
    numerics: { fingerprint: 'f', fields: {} },
    traces: new StepTraces({ runId: 'r', term: 1 }),
    engine: outOfReach('the engine'),
    evaluations: outOfReach('the evaluations'),
    updateStream: outOfReach('the update stream'),
    stateAudit: outOfReach('the state audit'),
  };
  const service = createService(Promise.resolve(parts), Promise.resolve(description));
  const process = { id: 'w', host: 'h', pid: 1, backend: 'native', local: false };
  const { session } = steps.join({ ...process, holder: 'rack-4' });
  const open = { step: 1, index: 0, firstSample: 0, sampleCount: 1 };
  steps.handle({ type: 'step-opened', step: 1, shards: [open] });
  return { service, session, workers };
}

const shard = { term: 1, step: 1, index: 0, attempt: 1, evaluation: false };
const begin = { runId: 'r', shard, sampleCount: 1, wire: 'f32' } as const;
const totals = { lossSum: 1, metricSums: [1], sha256: 'a' };
const payload = { factored: new Uint8Array(0), dense: new Uint8Array(4) };
const receipt = { factoredSha256: 'a' };
const unknown: unknown = expect.objectContaining({ reason: 'unknown-session' });
const unknownVerdict: unknown = expect.objectContaining({ verdict: 'unknown-session' });

type Call = (service: ProtocolHandlers, session: string, caller: Caller) => unknown;

/** What each call that names a session replies to another than its holder. */
const calls: Record<Exclude<keyof ProtocolHandlers, 'describe' | 'register'>, [Call, unknown]> = {
  follow: [
    async (service, session, caller) => {
      const refusals: Refusal[] = [];
      const follower: Follower = {
        ...{ signal: new AbortController().signal, queuedBytes: 0 },
        ...{ send: () => undefined, end: () => undefined },
        refuse: (refusal) => void refusals.push(refusal),
      };
      await service.follow({ session, version: undefined, stateSha256: '' }, follower, caller);
      return refusals[0];
    },
    unknown,
  ],
  fetch: [(service, session, caller) => service.fetch({ session, version: 1 }, caller), unknown],
  take: [(service, session, caller) => service.take({ session, shard }, caller), unknown],
  admit: [
    (service, session, caller) => service.admit({ session, ...begin }, 4, caller),
    unknownVerdict,
  ],
  factors: [
    (service, session, caller) =>
      service.factors(
        { session, ...begin },
        { factored: new Uint8Array(4), factoredSha256: 'a' },
        caller,
      ),
    undefined,
  ],
  submit: [
    (service, session, caller) =>
      service.submit({ session, ...begin, ...totals }, payload, receipt, caller),
    unknownVerdict,
  ],
  expectsState: [
    (service, session, caller) =>
      service.expectsState({ session, version: 1, sha256: 'a' }, 4, caller),
    false,
  ],
  uploadState: [
    (service, session, caller) =>
      service.uploadState({ session, version: 1, sha256: 'a' }, new Uint8Array(4), caller),
    false,
  ],
  submitEvaluation: [
    (service, session, caller) =>
      service.submitEvaluation(
        {
          ...{ session, runId: 'r', shard, sampleCount: 1, metricSums: [1], lossSum: 1 },
          ...{ predictions: new Uint8Array(2), confidences: new Uint8Array(4) },
        },
        caller,
      ),
    unknownVerdict,
  ],
  heartbeat: [
    (service, session, caller) =>
      service.heartbeat(
        {
          ...{ session, version: 1, shard: undefined, rssBytes: 0, tensorCount: 0 },
          ...{ cpuSeconds: 0, log: [] },
        },
        caller,
      ),
    expect.objectContaining({ known: false }),
  ],
  leave: [
    (service, session, caller) => service.leave({ session, reason: 'enough' }, caller),
    undefined,
  ],
};

describe('a session', () => {
  it.each(Object.entries(calls))(
    'is of no use for %s with another token, or with none',
    async (_name, [call, reply]) => {
      const { service, session, workers } = start();
      const peer = '10.0.0.1:4000';
      for (const caller of [{ peer, holder: 'rack-5' }, { peer }]) {
        expect(await call(service, session, caller)).toEqual(reply);
      }
      expect(workers.bySession(session, 'rack-4')?.id).toBe('w');
    },
  );
});
