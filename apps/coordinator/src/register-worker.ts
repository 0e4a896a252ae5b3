import { hostname } from 'node:os';
import { hostOf, isLoopback, type RunSpec } from '@lockstep/core';
import type {
  Caller,
  Refusal,
  RefusalReason,
  RegisterOutcome,
  RegisterRequest,
  RunDescription,
} from '@lockstep/protocol';
import type { Collector } from './collector.js';
import type { Members } from './members.js';
import type { RunNumerics } from './probe-numerics.js';
import type { Roster } from './roster.js';

/** What it takes to judge who asks to be a member of the run. */
export interface RegistrationParts {
  readonly spec: RunSpec;
  readonly description: RunDescription;
  readonly numerics: RunNumerics;
  readonly members: Members;
  readonly collector: Collector;
  readonly roster: Roster;
}

/** Makes a worker a member of the run, or says why not. */
export function registerWorker(
  parts: RegistrationParts,
  request: RegisterRequest,
  caller?: Caller,
): RegisterOutcome {
  const { collector, members, roster } = parts;
  const refusal = reasonToRefuse(parts, request, caller);
  const { workerId: id, host, pid, backend } = request;
  if (refusal) {
    roster.refused({ id, host, pid, backend }, refusal.message);
    return refusal;
  }
  if (members.byId(id)) roster.gone(id, 'lost', 'it registered anew');
  const member = members.add(
    { id, host, pid, backend, holder: caller?.holder, local: isLocal(host, caller) },
    Date.now(),
  );
  collector.tell({ type: 'worker-joined', worker: id });
  roster.joined(member);
  return { kind: 'accepted', session: member.session, term: collector.state.term };
}

function reasonToRefuse(
  parts: RegistrationParts,
  request: RegisterRequest,
  caller: Caller | undefined,
): Refusal | undefined {
  const { spec, description, numerics, collector, members } = parts;
  const living = members.byId(request.workerId);
  const { pid, host } = request;
  const same = living?.pid === pid && living.host === host && living.holder === caller?.holder;
  if (living && !same) {
    return refused('id-taken', `process ${living.pid} on ${living.host} is ${request.workerId}`);
  }
  if (collector.state.workers.get(request.workerId)?.state === 'quarantined') {
    return refused('quarantined', `${request.workerId} has answered wrongly before`);
  }
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

/** Where two sets of fingerprint fields differ, in words. */
function explain(here: Record<string, string>, there: Record<string, string>): string {
  const differing = Object.keys({ ...here, ...there }).filter((key) => here[key] !== there[key]);
  if (differing.length === 0) return 'every field agrees, but the probe does not';
  return differing
    .map(
      (key) => `${key} is ${there[key] ?? 'unknown'}, the coordinator's ${here[key] ?? 'unknown'}`,
    )
    .join(', ');
}

/**
 * By the address it calls from, as what a worker says of its host is no proof; and by that too, since
 * a tunnel may end at this machine.
 */
function isLocal(host: string, caller: Caller | undefined): boolean {
  return caller === undefined || (isLoopback(hostOf(caller.peer)) && host === hostname());
}

export function refused(reason: RefusalReason, message: string): Refusal {
  return { kind: 'refused', reason, message };
}

function short(sha256: string): string {
  return sha256.slice(0, 12) || 'none';
}
