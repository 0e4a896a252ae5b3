import { LockstepError, updateBytes, type StepUpdate } from '@lockstep/core';
import type { CommandName, Engine, EngineCommands } from '@lockstep/engine';
import { UpdateLog, type AppliedUpdate } from './update-log.js';

/** Steps that are caught up with after `recent`: more than are made until the next, and soon done. */
const STEPS_AFTER_RECENT = 4;
/** Most bytes of updates that the engine has been given and has not applied. */
const MOST_UNAPPLIED_BYTES = 64 * 1024 * 1024;
/** Most bytes of updates that wait in the log; the state audit keeps the log below it. */
export const MOST_WAITING_BYTES = 128 * 1024 * 1024;

/**
 * The coordinator's copy of the weights. It may lag behind the run: updates wait in a log until the
 * weights are needed, or are dropped when a worker's state, proved to be the run's, is adopted
 * instead. Either way leads to the same bits.
 */
export class Replica {
  readonly #engine: Engine;
  readonly #log = new UpdateLog(MOST_WAITING_BYTES);
  /** The version that the engine is at once it has run all commands sent so far. */
  #held: number;
  #newest: number;
  /** A version whose state a worker is expected to upload. */
  #expected: number | undefined;
  #applied: Promise<unknown> = Promise.resolve();
  #unappliedBytes = 0;
  #waiting: { version: number; ask: () => void }[] = [];

  /** @param version the version of the engine's state */
  constructor(engine: Engine, version: number) {
    this.#engine = engine;
    this.#held = version;
    this.#newest = version;
  }

  /** The newest version that is known. */
  get version(): number {
    return this.#newest;
  }

  /** The updates that wait to be applied. */
  get behind(): { readonly steps: number; readonly bytes: number } {
    const { steps, bytes } = this.#log;
    return { steps, bytes };
  }

  /** Notes an update, to be applied when needed. The replica may keep its bytes. */
  apply(update: AppliedUpdate): void {
    this.#newest = update.version;
    this.#log.append(update);
  }

  /** Resolves when the engine, if it is slower than the run, can be given more updates. */
  async room(): Promise<void> {
    if (this.#unappliedBytes > MOST_UNAPPLIED_BYTES) await this.#applied;
  }

  /** Runs a command on the newest version: applies waiting updates first. */
  newest<Name extends CommandName>(
    command: Name,
    argument: EngineCommands[Name]['argument'],
  ): Promise<EngineCommands[Name]['result']> {
    this.#applyUpTo(this.#newest);
    return this.#engine.run(command, argument);
  }

  /**
   * Runs a command at once, on a version that may be a few steps old, and then applies a few of the
   * waiting updates. For what is shown to users, together with its version.
   */
  recent<Name extends CommandName>(
    command: Name,
    argument: EngineCommands[Name]['argument'],
  ): Promise<EngineCommands[Name]['result']> {
    const result = this.#engine.run(command, argument);
    this.#applyUpTo(this.#held + STEPS_AFTER_RECENT);
    return result;
  }

  /**
   * Runs `ask` when the engine is exactly at `version`, before later updates are applied: after
   * catching up to it, or, if that version's state is expected, after it has been adopted.
   *
   * @throws LockstepError `internal` if the engine is beyond `version`
   */
  at<Result>(version: number, ask: (engine: Engine) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        if (this.#held === version) return void ask(this.#engine).then(resolve, reject);
        const beyond = `version ${version} is gone, the engine is at ${this.#held}`;
        return reject(new LockstepError('internal', beyond));
      };
      if (this.#held >= version) return run();
      this.#waiting.push({ version, ask: run });
      if (this.#expected !== version) this.#applyUpTo(version);
      return undefined;
    });
  }

  /** Applies the waiting updates. Resolves when the engine has done so. */
  catchUp(): Promise<void> {
    this.#applyUpTo(this.#newest);
    const done = this.#applied.then(() => undefined);
    done.catch(() => undefined); // not every caller waits for it
    return done;
  }

  /** A worker is expected to upload the state of this version: `at` waits for it. */
  expect(version: number): void {
    this.#expected = version;
  }

  /**
   * Loads a worker's state instead of applying the updates up to it.
   *
   * @returns false if the engine is at that version or beyond, or the version is not known yet
   */
  adopt(version: number, state: Uint8Array<ArrayBuffer>): boolean {
    if (version <= this.#held || version > this.#newest) return false;
    const last = this.#log.skip(version);
    const led = last && { update: last.update };
    this.#applied = this.#engine.run('load', { version, state, ...led }, [state.buffer]);
    this.#applied.catch(() => undefined);
    this.#arrive(version);
    return true;
  }

  #applyUpTo(version: number): void {
    for (const { version: next, update } of this.#log.take(version)) {
      const bytes = updateBytes(update);
      this.#unappliedBytes += bytes;
      this.#applied = this.#engine
        .run('apply', { version: next, update }, buffersOf(update))
        .finally(() => (this.#unappliedBytes -= bytes));
      this.#applied.catch(() => undefined); // `catchUp` and `room` report it
      this.#arrive(next);
    }
  }

  /** Commands sent in this turn of the event loop run before any update applied later. */
  #arrive(version: number): void {
    this.#held = version;
    if (this.#expected !== undefined && this.#expected <= version) this.#expected = undefined;
    const due = this.#waiting.filter((each) => each.version <= version);
    this.#waiting = this.#waiting.filter((each) => each.version > version);
    for (const { ask } of due) ask();
  }
}

/** The buffers of an update, which are transferred and not copied. */
function buffersOf({ shards, dense }: StepUpdate): ArrayBuffer[] {
  const arrays = [dense, ...shards.map(({ factored }) => factored)];
  return arrays.filter(({ length }) => length > 0).map(({ buffer }) => buffer as ArrayBuffer);
}
