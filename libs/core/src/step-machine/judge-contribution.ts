import { shardLabel } from '../shard.js';
import { attemptOf } from './attempts.js';
import type { MachineEvent, Verdict } from './machine-event.js';
import type { MachineState, ShardProgress, ValidContribution, WorkerId } from './machine-state.js';

export type ContributionEvent = Extract<MachineEvent, { type: 'contributed' }>;

/** The verdict on a contribution and, if it belongs to the current step, the shard's new progress. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly progress?: ShardProgress;
  /** Workers whose contributions were proved wrong. */
  readonly quarantine?: readonly WorkerId[];
  readonly fail?: { readonly code: 'diverged' | 'nondeterminism'; readonly reason: string };
}

/**
 * Judges a contribution by run, term, worker, bytes and step, in this order; changes nothing.
 *
 * @param compare whether two contributions for one shard must be equal
 */
export function judgeContribution(
  state: MachineState,
  event: ContributionEvent,
  compare: boolean,
): Judgement {
  return (
    judgeSender(state, event) ??
    judgeStep(state, event, compare) ??
    judgeShard(state, event, compare)
  );
}

function judgeSender(state: MachineState, event: ContributionEvent): Judgement | undefined {
  const worker = state.workers.get(event.worker);
  if (event.runId !== state.runId) {
    return { verdict: 'wrong-run', reason: `it is for run ${event.runId}, this is ${state.runId}` };
  }
  if (event.term !== state.term) {
    return { verdict: 'stale-term', reason: `it is of term ${event.term}, this is ${state.term}` };
  }
  if (!worker) return { verdict: 'unknown-worker', reason: `${event.worker} has not joined` };
  if (worker.state === 'quarantined') {
    return {
      verdict: 'quarantined',
      reason: `${event.worker} is quarantined for a wrong contribution`,
    };
  }
  if (event.check === 'wrong-shape' || event.check === 'wrong-hash') {
    return { verdict: event.check, reason: `${shardLabel(event.ref)} from ${event.worker}` };
  }
  return undefined;
}

function judgeStep(
  state: MachineState,
  event: ContributionEvent,
  compare: boolean,
): Judgement | undefined {
  const { step, index } = event.ref;
  if (step > state.committedStep) {
    const known = state.current?.step === step && index < state.current.shards.length;
    return known
      ? undefined
      : { verdict: 'wrong-step', reason: `${shardLabel(event.ref)} is not open` };
  }
  const counted = state.recentHashes.get(step)?.[index];
  if (!compare || counted === undefined || counted === event.sha256) {
    return { verdict: 'late', reason: `step ${step} is committed` };
  }
  const reason = `${shardLabel(event.ref)} was committed as ${short(counted)}, and ${event.worker} now contributes ${short(event.sha256)}`;
  return { verdict: 'contradicts-ledger', reason, fail: { code: 'nondeterminism', reason } };
}

function judgeShard(state: MachineState, event: ContributionEvent, compare: boolean): Judgement {
  const progress = state.current?.shards[event.ref.index];
  if (!progress) return { verdict: 'wrong-step', reason: `${shardLabel(event.ref)} is not open` };
  if (event.check === 'not-finite') return judgeNotFinite(state, progress, event);
  if (!compare && progress.counted !== undefined) {
    return { verdict: 'duplicate', reason: 'the shard has a counted contribution' };
  }
  const contribution: ValidContribution = {
    worker: event.worker,
    attempt: event.ref.attempt,
    sha256: event.sha256,
  };
  if (progress.contributions.some(({ worker }) => worker === event.worker)) {
    return judgeRepeat(progress, contribution);
  }
  const contributions = [...progress.contributions, contribution];
  if (contributions.every(({ sha256 }) => sha256 === contribution.sha256)) {
    const verdict = contributions.length === 1 ? 'counted' : 'duplicate';
    return {
      verdict,
      reason: verdict === 'counted' ? 'first contribution' : 'equal to the counted contribution',
      progress: { ...progress, contributions, counted: contribution.sha256 },
    };
  }
  return judgeDispute(progress, contributions);
}

/** A repeated contribution of one worker: an equal one is harmless, an unequal one proves it wrong. */
function judgeRepeat(progress: ShardProgress, contribution: ValidContribution): Judgement {
  const before = progress.contributions.find(({ worker }) => worker === contribution.worker);
  if (before?.sha256 === contribution.sha256) {
    return {
      verdict: 'duplicate',
      reason: `${contribution.worker} has contributed this shard already`,
    };
  }
  const rest = progress.contributions.filter(({ worker }) => worker !== contribution.worker);
  return {
    verdict: 'quarantined',
    reason: `${contribution.worker} contributed two different gradients for ${shardLabel(progress.shard)}`,
    progress: recount({ ...progress, contributions: rest }),
    quarantine: [contribution.worker],
  };
}

/** Contributions differ: no hash counts until two workers agree; then the others are quarantined. */
function judgeDispute(
  progress: ShardProgress,
  contributions: readonly ValidContribution[],
): Judgement {
  const newest = contributions[contributions.length - 1];
  const winner = majority(contributions);
  const { counted: _held, ...uncounted } = progress;
  if (winner === undefined || newest === undefined) {
    const label = shardLabel(progress.shard);
    if (contributions.length < 3) {
      return {
        verdict: 'disputed',
        reason: `the contributions for ${label} differ, another worker decides`,
        progress: { ...uncounted, contributions },
      };
    }
    const reason = `${contributions.length} workers contributed ${contributions.length} different gradients for ${label}`;
    return {
      verdict: 'disputed',
      reason,
      progress: { ...uncounted, contributions },
      fail: { code: 'nondeterminism', reason },
    };
  }
  const odd = contributions.filter(({ sha256 }) => sha256 !== winner).map(({ worker }) => worker);
  return {
    verdict: newest.sha256 === winner ? 'counted' : 'quarantined',
    reason: `${contributions.length - odd.length} workers agree, ${odd.join(', ')} does not`,
    progress: {
      ...uncounted,
      contributions: contributions.filter(({ sha256 }) => sha256 === winner),
      counted: winner,
    },
    quarantine: odd,
  };
}

/**
 * One gradient with NaN may be the worker's fault; a second one, from another worker, means that the
 * run has diverged. A worker checks itself, by computing again, only if there is no other.
 */
function judgeNotFinite(
  state: MachineState,
  progress: ShardProgress,
  event: ContributionEvent,
): Judgement {
  const reason = `the gradient of ${shardLabel(event.ref)} from ${event.worker} holds NaN or Inf`;
  const judgement = {
    verdict: 'not-finite',
    reason,
    progress: { ...progress, notFinite: [...progress.notFinite, event.worker] },
  } as const;
  const before = progress.notFinite.find(
    (worker) => worker !== event.worker || confirmsItself(state, progress, event),
  );
  if (before === undefined || progress.counted !== undefined) return judgement;
  const fail = { code: 'diverged', reason: `${reason}, as the one from ${before} did` } as const;
  return { ...judgement, fail };
}

function confirmsItself(
  state: MachineState,
  progress: ShardProgress,
  event: ContributionEvent,
): boolean {
  const isRepeat = attemptOf(progress, event.ref)?.ended === 'refused';
  const others = [...state.workers.values()].some(
    ({ id, state: condition }) => condition !== 'quarantined' && !progress.notFinite.includes(id),
  );
  return !isRepeat && !others;
}

function recount(progress: ShardProgress): ShardProgress {
  const { counted: _old, ...rest } = progress;
  const [first] = progress.contributions;
  const agreed = first && progress.contributions.every(({ sha256 }) => sha256 === first.sha256);
  return agreed ? { ...rest, counted: first.sha256 } : rest;
}

function majority(contributions: readonly ValidContribution[]): string | undefined {
  const votes = new Map<string, number>();
  for (const { sha256 } of contributions) votes.set(sha256, (votes.get(sha256) ?? 0) + 1);
  return [...votes].find(([, count]) => count > 1)?.[0];
}

function short(sha256: string): string {
  return sha256.slice(0, 12);
}
