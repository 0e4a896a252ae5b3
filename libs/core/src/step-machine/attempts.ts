import type { AttemptRef } from './machine-event.js';
import type {
  Attempt,
  MachineState,
  ShardProgress,
  StepProgress,
  WorkerId,
  WorkerProgress,
} from './machine-state.js';

/** The state with one shard of the current step replaced; unchanged if there is no such shard. */
export function withShard(state: MachineState, progress: ShardProgress): MachineState {
  if (!state.current) return state;
  const shards = state.current.shards.map((existing) =>
    existing.shard.index === progress.shard.index ? progress : existing,
  );
  return { ...state, current: { ...state.current, shards } };
}

/** The state with one worker replaced. */
export function withWorker(state: MachineState, worker: WorkerProgress): MachineState {
  return { ...state, workers: new Map(state.workers).set(worker.id, worker) };
}

/** The current step's shard that `ref` names, if it is of the current step. */
export function shardOf(
  state: MachineState,
  ref: Pick<AttemptRef, 'step' | 'index'>,
): ShardProgress | undefined {
  return state.current?.step === ref.step ? state.current.shards[ref.index] : undefined;
}

/** The shard with attempt `number` changed. */
export function withAttempt(
  progress: ShardProgress,
  number: number,
  change: (attempt: Attempt) => Attempt,
): ShardProgress {
  const attempts = progress.attempts.map((attempt) =>
    attempt.number === number ? change(attempt) : attempt,
  );
  return { ...progress, attempts };
}

/** The attempt that `ref` names. */
export function attemptOf(progress: ShardProgress, ref: AttemptRef): Attempt | undefined {
  return progress.attempts.find(({ number }) => number === ref.attempt);
}

/** The step with a worker's open attempts ended as `how` says. */
export function endAttemptsOf(
  step: StepProgress,
  worker: WorkerId,
  how: NonNullable<Attempt['ended']>,
): StepProgress {
  const end = (attempt: Attempt): Attempt =>
    attempt.takenBy === worker && attempt.ended === undefined
      ? { ...attempt, ended: how }
      : attempt;
  return {
    ...step,
    shards: step.shards.map((shard) => ({ ...shard, attempts: shard.attempts.map(end) })),
  };
}

/** The step without a worker's contributions, unless another worker has confirmed them. */
export function withdrawContributionsOf(step: StepProgress, worker: WorkerId): StepProgress {
  const withdraw = (progress: ShardProgress): ShardProgress => {
    const contributions = progress.contributions.filter((each) => each.worker !== worker);
    if (contributions.length === progress.contributions.length || contributions.length > 0) {
      return { ...progress, contributions };
    }
    const { counted: _withdrawn, ...rest } = progress;
    return { ...rest, contributions };
  };
  return { ...step, shards: step.shards.map(withdraw) };
}
