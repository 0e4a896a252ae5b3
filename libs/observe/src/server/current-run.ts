import { EventEmitter, once } from 'node:events';
import { hasEnded, LockstepError } from '@lockstep/core';
import type { LedRun } from '../run-view.js';

/** How long a request waits for a run that is not led yet. */
const PATIENCE_MS = 10_000;

/** The run that this server shows: none at first, then one until the server closes. */
export class CurrentRun {
  /** Emits `shown` when there is a run or never will be, `ended` when it has ended and is saved. */
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #stays: boolean;
  #run: LedRun | undefined;
  #isOver = false;
  #waitingFor: string | undefined;

  /** @param stays whether the coordinator keeps running after the end of the run */
  constructor(stays: boolean) {
    this.#stays = stays;
  }

  get stays(): boolean {
    return this.#stays;
  }

  /** Why the run is not led yet; undefined where nothing holds it up. */
  get waitingFor(): string | undefined {
    return this.#waitingFor;
  }

  set waitingFor(reason: string | undefined) {
    this.#waitingFor = reason;
  }

  /** Whether a run is led that has not ended, or that stays available after its end. */
  get isLed(): boolean {
    if (!this.#run) return false;
    return this.#stays || !hasEnded(this.#run.view.status.condition.state);
  }

  show(run: LedRun): void {
    this.#run = run;
    this.#changes.emit('shown');
  }

  /** The run has ended and is saved. */
  end(): void {
    this.#isOver = true;
    this.#changes.emit('ended');
  }

  /** No run will be shown any more; what waits for one is refused. */
  close(): void {
    this.end();
    this.#changes.emit('shown');
  }

  /**
   * The run; waits up to ten seconds for it to be led.
   *
   * @throws LockstepError `not-ready`
   */
  async get(): Promise<LedRun> {
    if (!this.#run && !this.#isOver) await this.#within(PATIENCE_MS, 'shown');
    if (this.#run) return this.#run;
    const why = this.#waitingFor === undefined ? '' : `: ${this.#waitingFor}`;
    throw new LockstepError('not-ready', `no run is led here yet${why}`, {
      remedy: 'retry in a moment',
    });
  }

  /** Resolves when the run has ended and is saved, or after `patienceMs`. */
  async ended(patienceMs: number): Promise<void> {
    if (!this.#isOver) await this.#within(patienceMs, 'ended');
  }

  async #within(patienceMs: number, change: 'shown' | 'ended'): Promise<void> {
    const late = AbortSignal.timeout(patienceMs);
    await once(this.#changes, change, { signal: late }).catch(() => undefined);
  }
}
