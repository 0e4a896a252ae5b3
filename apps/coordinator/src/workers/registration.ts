import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import {
  hostOf,
  isLoopback,
  LockstepError,
  shortened,
  toName,
  type RunEvent,
  type RunSpec,
} from '@lockstep/core';
import type {
  Caller,
  Refusal,
  RefusalReason,
  RegisterOutcome,
  RegisterRequest,
  RunDescription,
} from '@lockstep/protocol';
import type { RunNumerics } from '../run/probe-numerics.js';
import type { StepShell } from '../steps/step-shell.js';
import type { WorkerRegistry } from './worker-registry.js';

export interface RegistrationParts {
  readonly spec: RunSpec;
  readonly description: RunDescription;
  /** Name of the queue of the term's shards. */
  readonly queueName: string;
  readonly numerics: RunNumerics;
  readonly workers: WorkerRegistry;
  readonly steps: StepShell;
  readonly emit: (event: RunEvent) => void;
}

/** Most workers at once: each costs memory, and a part of every tick. */
const MOST_WORKERS = 1_000;

/**
 * Registers a worker with the run and issues its id, or refuses it with the reason. What identifies a
 * process is its key: a second registration with the same key replaces the first one, and nothing else
 * that a worker states, such as a name, host or pid, gives access to another worker's membership.
 *
 * @throws LockstepError `too-many-requests` where the run has so many workers that one must leave first
 */
export function registerWorker(
  parts: RegistrationParts,
  request: RegisterRequest,
  caller?: Caller,
): RegisterOutcome {
  const { steps, workers, emit } = parts;
  const { name, host, pid, backend } = request;
  const process = { holder: caller?.holder, keySha256: sha256Of(request.processKey) };
  const quarantinedAs = workers.quarantinedAs(name, process);
  const id = quarantinedAs ?? workers.ofProcess(process.keySha256)?.id ?? workers.freeId(name);
  const refusal =
    quarantinedAs === undefined
      ? reasonToRefuse(parts, request)
      : refused('quarantined', `${id} is quarantined for a wrong contribution`);
  if (refusal) {
    const { message: reason } = refusal;
    // A quarantined worker keeps its record, with the reason of the quarantine.
    if (quarantinedAs === undefined) workers.refuse({ id, host, pid, backend }, reason);
    emit({ event: 'worker', id, pid, host, state: 'refused', reason });
    return refusal;
  }
  if (!workers.byId(id) && workers.count >= MOST_WORKERS) throw tooManyWorkers();
  const local = isLocal(host, caller);
  const { session } = steps.join({ id, host, pid, backend, local, ...process });
  return {
    kind: 'accepted',
    session,
    term: steps.state.term,
    workerId: id,
    queue: parts.queueName,
  };
}

function tooManyWorkers(): LockstepError {
  const message = `the run has ${MOST_WORKERS} workers, no more are admitted`;
  return new LockstepError('too-many-requests', message, { remedy: 'wait until some have left' });
}

function reasonToRefuse(
  { spec, description, numerics }: RegistrationParts,
  request: RegisterRequest,
): Refusal | undefined {
  if (request.specSha256 !== description.specSha256) {
    return refused(
      'wrong-spec',
      `this run's spec is ${short(description.specSha256)}, the worker's ${short(request.specSha256)}`,
    );
  }
  if (request.dataSha256 !== spec.data.sha256) {
    return refused(
      'wrong-data',
      `this run trains on ${spec.data.name} ${short(spec.data.sha256)}, the worker has ${short(request.dataSha256)}`,
    );
  }
  if (spec.numerics === 'strict' && request.fingerprint !== numerics.fingerprint) {
    return refused(
      'wrong-fingerprint',
      `it would compute other bits: ${explain(numerics.fields, request.fingerprintFields)}; use like machines, or --numerics tolerant`,
    );
  }
  return undefined;
}

/** Most characters of an explanation, which every refusal writes to the events. */
const LONGEST_EXPLANATION = 500;

/** Describes where two sets of fingerprint fields differ. */
function explain(here: Record<string, string>, there: Record<string, string>): string {
  const differing = Object.keys({ ...here, ...there }).filter((key) => here[key] !== there[key]);
  if (differing.length === 0) return 'every field agrees, but the probe does not';
  const differences = differing.map(
    (key) => `${key} is ${there[key] ?? 'unknown'}, the coordinator's ${here[key] ?? 'unknown'}`,
  );
  return shortened(differences.join(', '), LONGEST_EXPLANATION);
}

/**
 * Whether the worker runs on this machine: both the address it calls from and the host name it gives
 * must say so. The host name alone proves nothing, and the address may be the end of a tunnel.
 */
function isLocal(host: string, caller: Caller | undefined): boolean {
  return caller === undefined || (isLoopback(hostOf(caller.peer)) && host === toName(hostname()));
}

export function refused(reason: RefusalReason, message: string): Refusal {
  return { kind: 'refused', reason, message };
}

/** The key itself is not kept. */
function sha256Of(processKey: Uint8Array): string {
  return createHash('sha256').update(processKey).digest('hex');
}

function short(sha256: string): string {
  return sha256.slice(0, 12) || 'none';
}
