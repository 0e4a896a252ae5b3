import { hasEnded, LockstepError, shardsPerStep, type ControlAction } from '@lockstep/core';
import type { RunView } from '../run-view.js';
import type { CurrentRun } from '../server/current-run.js';
import type { DrainAnswer } from '../workers/schemas.js';
import { MOST_WORKERS, scaleRequest, type ControlAnswer, type ScaleAnswer } from './schemas.js';

/** Stopping saves the run before it responds; a client may ask again after this time. */
const STOP_PATIENCE_MS = 60_000;

/** Controls the current run for its users. Every command may be repeated. */
export class RunControl {
  readonly #current: CurrentRun;
  #wantedWorkers: number | undefined;

  constructor(current: CurrentRun) {
    this.#current = current;
  }

  /** The number of workers last requested, less those drained since; undefined before a request. */
  get wantedWorkers(): number | undefined {
    return this.#wantedWorkers;
  }

  /** Finishes the open step and opens no further one. @throws LockstepError `run-ended` */
  async pause(): Promise<ControlAnswer> {
    const { view, commands } = await this.#current.get();
    requireActive(view, 'paused');
    const changed = view.status.pausedBecause === undefined;
    if (changed) commands.pause('paused by the user');
    return answer(view, changed);
  }

  /** @throws LockstepError `run-ended` */
  async resume(): Promise<ControlAnswer> {
    const { view, commands } = await this.#current.get();
    requireActive(view, 'resumed');
    const changed = view.status.pausedBecause !== undefined;
    if (changed) commands.resume();
    return answer(view, changed);
  }

  /** Ends the run; resolves when it is saved, or after a minute. */
  async stop(): Promise<ControlAnswer> {
    const { view, commands } = await this.#current.get();
    const changed = !view.stopping && !hasEnded(view.status.condition.state);
    if (changed) commands.stop('stopped by the user');
    await this.#current.ended(STOP_PATIENCE_MS);
    return answer(view, changed);
  }

  /** @throws LockstepError `run-ended` or `cannot-scale` */
  async scale(workers: number): Promise<ScaleAnswer> {
    const { view, commands } = await this.#current.get();
    requireActive(view, 'scaled');
    if (!commands.scaler) throw cannotScale();
    await commands.scaleTo(workers, 'requested by the user');
    this.#wantedWorkers = workers;
    const useful = shardsPerStep(view.folder.record.spec);
    return { wanted: workers, useful, ready: view.workerCounts().ready };
  }

  /** Does what a message asks for. @throws LockstepError as the method of that name */
  async perform(request: ControlAction): Promise<void> {
    switch (request.action) {
      case 'pause':
        return void (await this.pause());
      case 'resume':
        return void (await this.resume());
      case 'stop':
        return void (await this.stop());
      case 'scale':
        return void (await this.scale(wholeNumber(request.workers)));
    }
  }

  /**
   * Asks a worker to finish its shard and leave.
   *
   * @throws LockstepError `run-ended`, `bad-request` for an unknown worker, or `cannot-scale` where
   *   the scaler would replace it
   */
  async drain(worker: string): Promise<DrainAnswer> {
    const { view, commands } = await this.#current.get();
    requireActive(view, 'changed');
    const outcome = await commands.drain(worker, 'drained by the user');
    if (outcome === 'absent') throw notConnected(worker);
    const changed = outcome === 'asked';
    if (changed && this.#wantedWorkers !== undefined) {
      this.#wantedWorkers = Math.max(0, this.#wantedWorkers - 1);
    }
    return { id: worker, changed };
  }
}

/** @throws LockstepError `bad-request` */
function wholeNumber(workers: number): number {
  if (scaleRequest.safeParse({ workers }).success) return workers;
  const message = `the number of workers must be a whole one up to ${MOST_WORKERS}, not ${workers}`;
  throw new LockstepError('bad-request', message);
}

function answer({ folder, status }: RunView, changed: boolean): ControlAnswer {
  const { state, reason } = status.condition;
  return { runId: folder.record.runId, state, reason, step: status.committedStep, changed };
}

/** @throws LockstepError `run-ended` */
function requireActive({ folder, status, stopping }: RunView, action: string): void {
  const { state, reason } = status.condition;
  if (!hasEnded(state) && !stopping) return;
  const why = hasEnded(state) ? `it has ${state} (${reason})` : 'it is being stopped';
  throw new LockstepError('run-ended', `the run cannot be ${action}: ${why}`, {
    remedy: `if it was stopped, continue it with \`lockstep train --resume ${folder.record.runId}\``,
  });
}

function notConnected(worker: string): LockstepError {
  return new LockstepError('bad-request', `worker ${worker} is not connected to this run`, {
    remedy: 'choose a connected one from /api/workers',
  });
}

function cannotScale(): LockstepError {
  return new LockstepError(
    'cannot-scale',
    'this coordinator starts no workers: only `lockstep train` does, on its own machine',
    {
      remedy: 'start or stop `lockstep worker` on the workers’ machines, or scale their deployment',
    },
  );
}
