import type { Verdict } from '@lockstep/core';
import type { RefusalReason, SubmitOutcome } from '@lockstep/protocol';

/** How the step machine's verdict on a take is told to the worker; `not-needed` where nothing stands here. */
export const takeReasons: Partial<Record<Verdict, RefusalReason>> = {
  'stale-term': 'stale-term',
  'unknown-worker': 'unknown-session',
  quarantined: 'quarantined',
};

/** How its verdict on an answer is told; `late` where nothing stands here. */
export const submitVerdicts: Partial<Record<Verdict, SubmitOutcome['verdict']>> = {
  counted: 'counted',
  duplicate: 'duplicate',
  disputed: 'disputed',
  late: 'late',
  'stale-term': 'stale-term',
  'wrong-run': 'wrong-run',
  'wrong-step': 'wrong-step',
  'wrong-shape': 'wrong-shape',
  'wrong-hash': 'wrong-hash',
  'not-finite': 'not-finite',
  'unknown-worker': 'unknown-session',
  quarantined: 'quarantined',
  'contradicts-ledger': 'disputed',
};
