import { systemClock } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { createProtocolServer } from '@lockstep/protocol';
import { onTestFinished } from 'vitest';
import { createService } from '../service/coordinator-service.js';
import { Replica } from '../state/replica.js';
import { StateAudit } from '../state/state-audit.js';
import { UpdateStream } from '../state/update-stream.js';
import { StepTraces } from '../tracing/step-traces.js';
import { observeRun } from './observed-run.js';

const HASH = '0'.repeat(64);

/** A state of four weights; nothing is computed. */
const engine = {
  run: (command: string) =>
    command === 'export' || command === 'hash'
      ? Promise.resolve({ version: 0, state: new Uint8Array(16), stateSha256: HASH })
      : Promise.reject(new Error(`this run computes no ${command}`)),
} as unknown as Engine;

/** A run as `observeRun` makes it, with the protocol on a real socket: real service, shell and audit. */
export async function serveRun() {
  const run = await observeRun();
  const { spec, numerics, workers, steps, emit, evaluations, violations } = run;
  const replica = new Replica(engine, 0);
  const defects: unknown[] = [];
  const description = {
    ...{ runId: 'run-1', term: 1, specJson: '{}', specSha256: HASH },
    ...{ heartbeatIntervalMs: 1_000, untrained: true },
  };
  const parts = {
    ...{
      spec,
      description,
      queueName: 'run-1-1',
      numerics,
      workers,
      steps,
      emit,
      engine,
      evaluations,
    },
    updateStream: new UpdateStream(workers, replica),
    stateAudit: new StateAudit({ replica, workers, steps, clock: systemClock, every: 10 }),
    traces: new StepTraces({ runId: 'run-1', term: 1 }),
  };
  const service = createService(Promise.resolve(parts), Promise.resolve(description));
  const server = await createProtocolServer(service, {
    ...{ address: '127.0.0.1:0', maxPayloadBytes: 1_000_000 },
    onViolation: (name, what) => violations.count(name, what),
    onDefect: (method, error) => defects.push([method, error]),
  });
  onTestFinished(() => server.close(1_000));
  return { ...run, grpc: server.address, defects };
}

export type ServedRun = Awaited<ReturnType<typeof serveRun>>;
