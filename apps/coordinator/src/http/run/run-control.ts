import { hasEnded, LockstepError, shardsPerStep } from '@lockstep/core';
import type { LedRun } from '../led-run.js';
import type { DrainAnswer } from '../workers/schemas.js';
import type { ControlAnswer, ScaleAnswer } from './schemas.js';

/** How a person steers a run. Every wish may be repeated. */
export interface RunControl {
  /** The open step is finished, no further one is opened. @throws LockstepError `run-ended` */
  pause(): ControlAnswer;
  /** @throws LockstepError `run-ended` */
  resume(): ControlAnswer;
  /** Ends the run in good order; resolves when it is saved, or after `patienceMs`. */
  stop(patienceMs: number): Promise<ControlAnswer>;
  /** @throws LockstepError `run-ended` or `cannot-scale` */
  scale(workers: number): Promise<ScaleAnswer>;
  /**
   * A worker finishes its shard and leaves.
   *
   * @throws LockstepError `run-ended`, `bad-request`, or `cannot-scale` when it will come back
   */
  drain(worker: string): Promise<DrainAnswer>;
}

const BY_THE_USER = 'paused by the user';

export function createRunControl(run: LedRun): RunControl {
  const { collector, spec, emit } = run.service;
  const answer = (changed: boolean): ControlAnswer => {
    const { state, reason } = collector.state.condition;
    return {
      runId: collector.state.runId,
      state,
      reason,
      step: collector.state.committedStep,
      changed,
    };
  };
  const mustGoOn = (wish: string): void => {
    const { state, reason } = collector.state.condition;
    if (!hasEnded(state) && !run.stopping) return;
    const why = hasEnded(state) ? `it has ${state} (${reason})` : 'it is being stopped';
    throw new LockstepError('run-ended', `the run cannot be ${wish}: ${why}`, {
      remedy: `go on with it by \`lockstep train --resume ${collector.state.runId}\` if it was stopped`,
    });
  };

  return {
    pause: () => {
      mustGoOn('paused');
      const changed = collector.state.pausedBecause === undefined;
      if (changed) collector.handle({ type: 'paused', reason: BY_THE_USER });
      return answer(changed);
    },
    resume: () => {
      mustGoOn('resumed');
      const changed = collector.state.pausedBecause !== undefined;
      if (changed) collector.handle({ type: 'resumed' });
      return answer(changed);
    },
    stop: async (patienceMs) => {
      const changed = !run.stopping && !hasEnded(collector.state.condition.state);
      if (changed) run.stop('stopped by the user');
      await within(patienceMs, run.ended);
      return answer(changed);
    },
    scale: async (workers) => {
      mustGoOn('scaled');
      if (!run.scaler) throw cannotScale();
      await run.scaler.scaleTo(workers);
      emit({ event: 'scaled', workers, reason: 'requested by the user' });
      const ready = [...collector.state.workers.values()].filter(({ state }) => state === 'ready');
      return { wanted: workers, useful: shardsPerStep(spec), ready: ready.length };
    },
    drain: async (worker) => {
      mustGoOn('left by a worker');
      const outcome = collector.drain(worker, 'drained by the user');
      if (outcome === 'absent') throw notHere(worker);
      if (outcome === 'asked') await run.scaler?.letGo?.(worker);
      return { id: worker, changed: outcome === 'asked' };
    },
  };
}

function notHere(worker: string): LockstepError {
  return new LockstepError('bad-request', `no worker ${worker} follows this run`, {
    remedy: 'ask one that /api/workers has, and that has not gone',
  });
}

function cannotScale(): LockstepError {
  return new LockstepError(
    'cannot-scale',
    'this coordinator starts no workers: only `lockstep train` does, on its own machine',
    {
      remedy: 'start or end `lockstep worker` on the workers’ machines, or scale their deployment',
    },
  );
}

async function within(patienceMs: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
