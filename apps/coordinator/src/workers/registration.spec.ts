import { randomBytes } from 'node:crypto';
import type { RunEvent } from '@lockstep/core';
import { smallSpec } from '@lockstep/core/testing';
import type { RegisterOutcome, RegisterRequest } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { makeShell } from '../steps/testing/make-shell.js';
import { registerWorker, type RegistrationParts } from './registration.js';

const spec = smallSpec({});
const description = {
  ...{ runId: 'r', term: 1, specJson: '', specSha256: 's' },
  ...{ heartbeatIntervalMs: 1_000, untrained: true },
};
const newKey = (): Uint8Array => randomBytes(32);

function start() {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => void events.push(event);
  const { steps, workers } = makeShell({ emit });
  const numerics = { fingerprint: 'f', fields: {} };
  const parts: RegistrationParts = {
    ...{ spec, description, queueName: 'r-1', numerics, workers, steps, emit },
  };
  const register = (
    name: string,
    processKey: Uint8Array,
    { holder, ...lie }: { holder?: string } & Partial<RegisterRequest> = {},
  ): RegisterOutcome =>
    registerWorker(
      parts,
      {
        ...{ name, host: 'h', pid: 1, backend: 'native', processKey },
        ...{ specSha256: 's', dataSha256: spec.data.sha256 },
        ...{ fingerprint: 'f', fingerprintFields: {}, ...lie },
      },
      { peer: '10.0.0.1:4000', ...(holder === undefined ? {} : { holder }) },
    );
  const accepted = (...given: Parameters<typeof register>) => {
    const outcome = register(...given);
    if (outcome.kind === 'refused') throw new Error(outcome.message);
    return outcome;
  };
  /** Ends a membership as a contribution that was proved wrong does. */
  const quarantine = (id: string): void => {
    const shard = { step: 1, index: 0, firstSample: 0, sampleCount: 1 };
    if (!steps.state.current) steps.handle({ type: 'step-opened', step: 1, shards: [shard] });
    const ref = { step: 1, index: 0, attempt: 1 };
    const wrong = { type: 'contributed', worker: id, runId: 'r', term: 1, ref } as const;
    for (let n = 0; n < 3; n++) {
      steps.handle({ ...wrong, sha256: 'x', check: 'wrong-hash' });
    }
  };
  return { workers, events, register, accepted, quarantine };
}

describe('a worker that registers', () => {
  it('gets the name that it proposes, with a number added where another worker has it', () => {
    const { accepted } = start();
    expect(accepted('w', newKey()).workerId).toBe('w');
    expect(accepted('w', newKey()).workerId).toBe('w-2');
    expect(accepted('w', newKey()).workerId).toBe('w-3');
  });

  it('gets no membership of another process by its id, host, pid and token', () => {
    const { workers, events, accepted } = start();
    const rack = { holder: 'rack-4' };
    const { session } = accepted('w', newKey(), rack);
    expect(accepted('w', newKey(), rack).workerId).toBe('w-2');
    expect(workers.bySession(session, 'rack-4')?.id).toBe('w');
    expect(events.flatMap((event) => (event.event === 'worker' ? [event.state] : []))).toEqual([
      'joined',
      'joined',
    ]);
  });

  it('keeps its id and replaces its membership when the same process registers again', () => {
    const { workers, accepted } = start();
    const key = newKey();
    accepted('w', newKey());
    const first = accepted('w', key);
    const again = accepted('w', key, { pid: 2 });
    expect(again.workerId).toBe('w-2');
    expect(workers.bySession(first.session)).toBeUndefined();
    expect(workers.bySession(again.session)?.id).toBe('w-2');
    expect(workers.present().map(({ id }) => id)).toEqual(['w', 'w-2']);
  });

  it('has a session for no other join token', () => {
    const { workers, accepted } = start();
    const { session } = accepted('w', newKey(), { holder: 'rack-4' });
    expect(workers.bySession(session, 'rack-5')).toBeUndefined();
    expect(workers.bySession(session)).toBeUndefined();
  });

  it('receives nothing about other workers when it is refused, and does not appear under their ids', () => {
    const { events, accepted, register } = start();
    accepted('w', newKey(), { host: 'secret-host', pid: 4711 });
    const outcome = register('w', newKey(), { fingerprint: 'other' });
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'wrong-fingerprint' });
    expect(JSON.stringify(outcome)).not.toMatch(/secret-host|4711/);
    expect(events.at(-1)).toMatchObject({ event: 'worker', id: 'w-2', state: 'refused' });
  });
});

describe('a quarantined worker', () => {
  it('does not return: not its process under another name, nor its name under the same token', () => {
    const { workers, accepted, register, quarantine } = start();
    const key = newKey();
    const rack = { holder: 'rack-4' };
    accepted('w', key, rack);
    quarantine('w');
    expect(workers.present()).toEqual([]);
    const refused = { kind: 'refused', reason: 'quarantined' };
    expect(register('other', key, rack)).toMatchObject(refused);
    expect(register('other', key, { holder: 'rack-5' })).toMatchObject(refused);
    expect(register('w', newKey(), rack)).toMatchObject(refused);
    expect(accepted('other', newKey(), rack).workerId).toBe('other');
  });

  it('blocks its name for no other token', () => {
    const { accepted, quarantine } = start();
    accepted('w', newKey(), { holder: 'rack-4' });
    quarantine('w');
    expect(accepted('w', newKey(), { holder: 'rack-5' }).workerId).toBe('w-2');
  });

  it('is reported with its join token', () => {
    const { events, accepted, quarantine } = start();
    accepted('w', newKey(), { holder: 'rack-4' });
    quarantine('w');
    const { reason } = events.find(
      (event) => event.event === 'worker' && event.state === 'quarantined',
    ) as { reason: string };
    expect(reason).toMatch(/its join token is rack-4$/);
  });
});
