import { LockstepError, type RunState, type WireFormat } from '@lockstep/core';
import {
  RefusalReason as WireRefusal,
  RunState as WireRunState,
  Verdict as WireVerdict,
  WireFormat as WireWire,
} from './generated/lockstep/v1/lockstep.js';

/** Verdicts on a contribution. All but `counted` and `duplicate` are refusals. */
export const verdicts = {
  counted: WireVerdict.VERDICT_COUNTED,
  duplicate: WireVerdict.VERDICT_DUPLICATE,
  late: WireVerdict.VERDICT_LATE,
  'stale-term': WireVerdict.VERDICT_STALE_TERM,
  'wrong-run': WireVerdict.VERDICT_WRONG_RUN,
  'wrong-step': WireVerdict.VERDICT_WRONG_STEP,
  'wrong-shape': WireVerdict.VERDICT_WRONG_SHAPE,
  'wrong-hash': WireVerdict.VERDICT_WRONG_HASH,
  'not-finite': WireVerdict.VERDICT_NOT_FINITE,
  'too-large': WireVerdict.VERDICT_TOO_LARGE,
  'unknown-session': WireVerdict.VERDICT_UNKNOWN_SESSION,
  quarantined: WireVerdict.VERDICT_QUARANTINED,
  'not-yours': WireVerdict.VERDICT_NOT_YOURS,
  disputed: WireVerdict.VERDICT_DISPUTED,
  malformed: WireVerdict.VERDICT_MALFORMED,
  'run-over': WireVerdict.VERDICT_RUN_OVER,
} as const;
export type Verdict = keyof typeof verdicts;

/** Why a worker, a take or a stream was refused. */
export const refusalReasons = {
  'unknown-session': WireRefusal.REFUSAL_REASON_UNKNOWN_SESSION,
  'stale-term': WireRefusal.REFUSAL_REASON_STALE_TERM,
  'wrong-spec': WireRefusal.REFUSAL_REASON_WRONG_SPEC,
  'wrong-data': WireRefusal.REFUSAL_REASON_WRONG_DATA,
  'wrong-fingerprint': WireRefusal.REFUSAL_REASON_WRONG_FINGERPRINT,
  quarantined: WireRefusal.REFUSAL_REASON_QUARANTINED,
  'not-needed': WireRefusal.REFUSAL_REASON_NOT_NEEDED,
  'not-yours': WireRefusal.REFUSAL_REASON_NOT_YOURS,
  paused: WireRefusal.REFUSAL_REASON_PAUSED,
  'run-over': WireRefusal.REFUSAL_REASON_RUN_OVER,
  draining: WireRefusal.REFUSAL_REASON_DRAINING,
  'version-not-kept': WireRefusal.REFUSAL_REASON_VERSION_NOT_KEPT,
  'token-missing': WireRefusal.REFUSAL_REASON_TOKEN_MISSING,
  'token-unknown': WireRefusal.REFUSAL_REASON_TOKEN_UNKNOWN,
  'token-expired': WireRefusal.REFUSAL_REASON_TOKEN_EXPIRED,
  'token-revoked': WireRefusal.REFUSAL_REASON_TOKEN_REVOKED,
} as const;
export type RefusalReason = keyof typeof refusalReasons;

/** The states of a run, as sent to followers. */
export const runStates = {
  'waiting-for-workers': WireRunState.RUN_STATE_WAITING_FOR_WORKERS,
  running: WireRunState.RUN_STATE_RUNNING,
  paused: WireRunState.RUN_STATE_PAUSED,
  finished: WireRunState.RUN_STATE_FINISHED,
  stopped: WireRunState.RUN_STATE_STOPPED,
  failed: WireRunState.RUN_STATE_FAILED,
} as const satisfies Record<RunState, WireRunState>;

export const wireFormats = {
  f32: WireWire.WIRE_FORMAT_F32,
  bf16: WireWire.WIRE_FORMAT_BF16,
} as const satisfies Record<WireFormat, WireWire>;

/**
 * The name of a number in one of the tables above.
 *
 * @throws LockstepError `protocol-violation` for a number without a name, such as one of a newer peer
 */
export function wordOf<Word extends string>(table: Record<Word, number>, value: number): Word {
  for (const word in table) if (table[word] === value) return word;
  throw new LockstepError('protocol-violation', `the peer sent ${value}, which is unknown here`, {
    remedy: 'use the same version of Lockstep for the coordinator and all workers',
  });
}
