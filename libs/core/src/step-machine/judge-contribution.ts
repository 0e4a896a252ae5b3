import { shardLabel } from '../shard.js';
import type { MachineEvent, Verdict } from './machine-event.js';
import type {
  LateDispute,
  MachineState,
  ShardProgress,
  ValidContribution,
  WorkerId,
} from './machine-state.js';

/** Most contributions that are kept for one shard while the arbiter computes it. */
const MOST_DISPUTED = 4;
/** Most disputes about committed shards at once. */
const MOST_LATE_DISPUTES = 16;

export type ContributionEvent = Extract<MachineEvent, { type: 'contributed' }>;

/** The verdict on a contribution and, if it belongs to the current step, the shard's new progress. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly progress?: ShardProgress;
  /** The worker, if its contributions contradict each other. */
  readonly quarantine?: WorkerId;
  /** The contribution differs from the committed one. */
  readonly lateDispute?: LateDispute;
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
    const what = event.check === 'wrong-hash' ? 'do not match their hash' : 'have another length';
    const reason = `the bytes of ${shardLabel(event.ref)} from ${event.worker} ${what}`;
    return { verdict: event.check, reason };
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
  return judgeLate(state, event, compare);
}

/**
 * A late contribution that differs from the committed one is disputed, if its worker was granted the
 * shard: no other has computed it.
 */
function judgeLate(state: MachineState, event: ContributionEvent, compare: boolean): Judgement {
  const { worker, sha256, ref } = event;
  const { step, index } = ref;
  const late: Judgement = { verdict: 'late', reason: `step ${step} is committed` };
  const committed = state.recentSteps.get(step)?.[index];
  if (!compare || committed === undefined || committed.sha256 === sha256) return late;
  if (!committed.granted.includes(worker)) {
    return { ...late, reason: `${late.reason}, and ${worker} was not granted ${shardLabel(ref)}` };
  }
  const reason = `${shardLabel(ref)} was committed as ${short(committed.sha256)}, and ${worker} now contributes ${short(sha256)}: the coordinator computes it again`;
  const { lateDisputes } = state;
  const isPending = lateDisputes.some((dispute) => dispute.worker === worker);
  if (isPending || lateDisputes.length >= MOST_LATE_DISPUTES) {
    return { verdict: 'contradicts-ledger', reason };
  }
  const lateDispute = { step, index, committed, worker, sha256 };
  return { verdict: 'contradicts-ledger', reason, lateDispute };
}

function judgeShard(state: MachineState, event: ContributionEvent, compare: boolean): Judgement {
  const progress = state.current?.shards[event.ref.index];
  if (!progress) return { verdict: 'wrong-step', reason: `${shardLabel(event.ref)} is not open` };
  if (!compare && progress.counted !== undefined) {
    return { verdict: 'duplicate', reason: 'the shard has a counted contribution' };
  }
  const contribution: ValidContribution = {
    worker: event.worker,
    attempt: event.ref.attempt,
    sha256: event.sha256,
    finite: event.check !== 'not-finite',
  };
  if (progress.contributions.some(({ worker }) => worker === event.worker)) {
    return judgeRepeat(progress, contribution);
  }
  if (!contribution.finite) return judgeNotFinite(progress, contribution);
  return judgeNew(progress, contribution);
}

/**
 * The first contribution counts, an equal one confirms it; one that differs from it, or from the ledger,
 * begins a dispute.
 */
function judgeNew(progress: ShardProgress, contribution: ValidContribution): Judgement {
  const { counted, recorded } = progress;
  const { worker, sha256 } = contribution;
  const expected = counted ?? recorded;
  if (!progress.disputed && (expected === undefined || expected === sha256)) {
    const contributions = [...progress.contributions, contribution];
    const next = { ...progress, contributions, counted: sha256 };
    return counted === undefined
      ? { verdict: 'counted', reason: 'first contribution', progress: next }
      : { verdict: 'duplicate', reason: 'equal to the counted contribution', progress: next };
  }
  const label = shardLabel(progress.shard);
  const differing =
    recorded === undefined || recorded === sha256
      ? `the contributions for ${label} differ`
      : `the ledger holds ${short(recorded)} for ${label}, and ${worker} contributes ${short(sha256)}`;
  const reason = `${differing}: the coordinator computes it`;
  return { verdict: 'disputed', reason, progress: disputed(progress, contribution) };
}

/** A repeated contribution of one worker: an equal one is harmless, an unequal one proves it wrong. */
function judgeRepeat(progress: ShardProgress, { worker, sha256 }: ValidContribution): Judgement {
  const before = progress.contributions.find((each) => each.worker === worker);
  if (before?.sha256 === sha256) {
    return { verdict: 'duplicate', reason: `${worker} has contributed this shard already` };
  }
  const reason = `${worker} contributed two different gradients for ${shardLabel(progress.shard)}`;
  return { verdict: 'quarantined', reason, progress, quarantine: worker };
}

/** A gradient with NaN or Inf means that the run has diverged, or that its worker computed it wrong. */
function judgeNotFinite(progress: ShardProgress, contribution: ValidContribution): Judgement {
  const { worker } = contribution;
  const label = shardLabel(progress.shard);
  const found = `the gradient of ${label} from ${worker} holds NaN or Inf`;
  if (!progress.granted.includes(worker)) {
    return { verdict: 'not-finite', reason: `${found}, and ${worker} was not granted ${label}` };
  }
  const reason = `${found}: the coordinator computes it`;
  return { verdict: 'not-finite', reason, progress: disputed(progress, contribution) };
}

/** The shard as the arbiter will decide about it. */
function disputed(progress: ShardProgress, contribution: ValidContribution): ShardProgress {
  const { counted: _undecided, ...uncounted } = progress;
  const contributions = [...progress.contributions, contribution];
  if (contributions.length > MOST_DISPUTED) return progress;
  return { ...uncounted, contributions, disputed: true };
}

/** A hash as messages show it. */
export function short(sha256: string): string {
  return sha256.slice(0, 12);
}
