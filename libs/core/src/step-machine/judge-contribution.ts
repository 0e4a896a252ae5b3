import { shardLabel } from '../shard.js';
import { attemptOf } from './attempts.js';
import type { MachineEvent, Verdict } from './machine-event.js';
import type { Answer, MachineState, ShardProgress, WorkerId } from './machine-state.js';

export type ContributionEvent = Extract<MachineEvent, { type: 'contributed' }>;

/** What to make of an answer: the verdict and, where it belongs to the current step, the shard's new progress. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly progress?: ShardProgress;
  /** Workers found to have answered wrongly. */
  readonly quarantine?: readonly WorkerId[];
  readonly fail?: { readonly code: 'diverged' | 'nondeterminism'; readonly reason: string };
}

/**
 * Judges an answer by run, term, worker, bytes and step, in this order; changes nothing.
 *
 * @param compare whether two answers to one shard must be equal
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
    return { verdict: 'quarantined', reason: `${event.worker} has answered wrongly before` };
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
  const reason = `${shardLabel(event.ref)} was committed as ${short(counted)}, and ${event.worker} now answers ${short(event.sha256)}`;
  return { verdict: 'contradicts-ledger', reason, fail: { code: 'nondeterminism', reason } };
}

function judgeShard(state: MachineState, event: ContributionEvent, compare: boolean): Judgement {
  const progress = state.current?.shards[event.ref.index];
  if (!progress) return { verdict: 'wrong-step', reason: `${shardLabel(event.ref)} is not open` };
  if (event.check === 'not-finite') return judgeNotFinite(state, progress, event);
  if (!compare && progress.counted !== undefined) {
    return { verdict: 'duplicate', reason: 'the shard has its answer' };
  }
  const answer: Answer = {
    worker: event.worker,
    attempt: event.ref.attempt,
    sha256: event.sha256,
  };
  if (progress.answers.some(({ worker }) => worker === event.worker)) {
    return judgeRepeat(progress, answer);
  }
  const answers = [...progress.answers, answer];
  if (answers.every(({ sha256 }) => sha256 === answer.sha256)) {
    const verdict = answers.length === 1 ? 'counted' : 'duplicate';
    return {
      verdict,
      reason: verdict === 'counted' ? 'first answer' : 'equal to the answer that counts',
      progress: { ...progress, answers, counted: answer.sha256 },
    };
  }
  return judgeDispute(progress, answers);
}

/** The same worker answers again: equal is harmless, unequal convicts it of answering at random. */
function judgeRepeat(progress: ShardProgress, answer: Answer): Judgement {
  const before = progress.answers.find(({ worker }) => worker === answer.worker);
  if (before?.sha256 === answer.sha256) {
    return { verdict: 'duplicate', reason: `${answer.worker} has answered this shard already` };
  }
  const rest = progress.answers.filter(({ worker }) => worker !== answer.worker);
  return {
    verdict: 'quarantined',
    reason: `${answer.worker} gave two different answers to ${shardLabel(progress.shard)}`,
    progress: settle({ ...progress, answers: rest }),
    quarantine: [answer.worker],
  };
}

/** Answers differ: hold the shard until one hash has two voices, then name those without. */
function judgeDispute(progress: ShardProgress, answers: readonly Answer[]): Judgement {
  const newest = answers[answers.length - 1];
  const winner = majority(answers);
  const { counted: _held, ...uncounted } = progress;
  if (winner === undefined || newest === undefined) {
    const label = shardLabel(progress.shard);
    if (answers.length < 3) {
      return {
        verdict: 'disputed',
        reason: `the answers to ${label} differ, a further worker decides`,
        progress: { ...uncounted, answers },
      };
    }
    const reason = `${answers.length} workers gave ${answers.length} different answers to ${label}`;
    return {
      verdict: 'disputed',
      reason,
      progress: { ...uncounted, answers },
      fail: { code: 'nondeterminism', reason },
    };
  }
  const odd = answers.filter(({ sha256 }) => sha256 !== winner).map(({ worker }) => worker);
  return {
    verdict: newest.sha256 === winner ? 'counted' : 'quarantined',
    reason: `${answers.length - odd.length} workers agree, ${odd.join(', ')} does not`,
    progress: {
      ...uncounted,
      answers: answers.filter(({ sha256 }) => sha256 === winner),
      counted: winner,
    },
    quarantine: odd,
  };
}

/**
 * One NaN may be the worker's fault; two, from whoever could check, mean the run has diverged. The
 * same worker checks itself only where nobody else can, and by computing again.
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
  const fail = { code: 'diverged', reason: `${reason}, as ${before} found before` } as const;
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

function settle(progress: ShardProgress): ShardProgress {
  const { counted: _old, ...rest } = progress;
  const [first] = progress.answers;
  const agreed = first && progress.answers.every(({ sha256 }) => sha256 === first.sha256);
  return agreed ? { ...rest, counted: first.sha256 } : rest;
}

function majority(answers: readonly Answer[]): string | undefined {
  const voices = new Map<string, number>();
  for (const { sha256 } of answers) voices.set(sha256, (voices.get(sha256) ?? 0) + 1);
  return [...voices].find(([, count]) => count > 1)?.[0];
}

function short(sha256: string): string {
  return sha256.slice(0, 12);
}
