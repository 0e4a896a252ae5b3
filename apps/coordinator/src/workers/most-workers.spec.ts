import { smallSpec } from '@lockstep/core/testing';
import { expect, it } from 'vitest';
import { makeShell } from '../steps/testing/make-shell.js';
import { registerWorker } from './registration.js';

it('a run has at most a thousand workers; one that leaves makes room for another', () => {
  const spec = smallSpec({});
  const { steps, workers } = makeShell({ spec });
  const description = {
    ...{ runId: 'r', term: 1, specJson: '', specSha256: 'spec', heartbeatIntervalMs: 1_000 },
    untrained: true,
  };
  const numerics = { fingerprint: 'same', fields: {} };
  const parts = {
    ...{ spec, description, queueName: 'r-1', numerics, steps, workers },
    emit: () => undefined,
  };
  const register = (name: string) =>
    registerWorker(parts, {
      ...{ name, host: 'h', pid: 1, backend: 'native', specSha256: 'spec' },
      ...{ dataSha256: spec.data.sha256, fingerprint: 'same', fingerprintFields: {} },
      processKey: Buffer.from(name.padEnd(32)),
    });
  for (let n = 1; n <= 1_000; n++) expect(register(`w${n}`)).toMatchObject({ kind: 'accepted' });
  expect(() => register('w1001')).toThrow('the run has 1000 workers');
  expect(register('w1')).toMatchObject({ kind: 'accepted' });
  steps.handle({ type: 'worker-gone', worker: 'w2', how: 'left', reason: 'done' });
  expect(register('w1001')).toMatchObject({ kind: 'accepted' });
});
