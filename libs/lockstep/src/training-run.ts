import { resolve } from 'node:path';
import { LockstepError, type RunEvent } from '@lockstep/core';
import type { Control } from './control.js';
import { EventLog } from './event-log.js';
import { resultOf, withoutResult, type RunResult } from './run-result.js';
import { startTrainingProcess } from './training-process.js';

type EventNamed<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

/** A training that has begun, in a process of its own. */
export class TrainingRun {
  /** Resolves once the run has begun; rejects if it ends before. */
  readonly begun: Promise<void>;
  /**
   * What the finished run comes to. Rejects with a LockstepError: `run-ended` for a stopped run,
   * otherwise the error that the training ended with.
   */
  readonly result: Promise<RunResult>;
  readonly #events = new EventLog();
  readonly #ended: Promise<void>;
  readonly #control: Control;
  #started: EventNamed<'run-started'> | undefined;
  #listening: EventNamed<'listening'> | undefined;

  constructor(args: readonly string[], onLog: (line: string) => void) {
    const begun = deferred<void>();
    const result = deferred<RunResult>();
    const ended = deferred<void>();
    let finished: EventNamed<'run-finished'> | undefined;
    let lastState: EventNamed<'state'> | undefined;
    this.#control = startTrainingProcess(args, {
      onLog,
      onEvent: (event) => {
        this.#events.add(event);
        if (event.event === 'listening') this.#listening = event;
        if (event.event === 'run-started') this.#started = event;
        if (event.event === 'state') lastState = event;
        if (event.event === 'run-finished') finished = event;
        if (this.#started) begun.resolve();
      },
      onEnd: (code, failure) => {
        this.#events.end();
        ended.resolve();
        if (finished && code === 0) return result.resolve(resultOf(finished));
        const error = withoutResult(code, failure, lastState);
        begun.reject(error);
        result.reject(error);
      },
    });
    // A program that does not ask for the result must not end because there is none.
    result.promise.catch(() => undefined);
    this.begun = begun.promise;
    this.result = result.promise;
    this.#ended = ended.promise;
  }

  /**
   * The run's events. Each `for await` gets those so far, of which the latest 1,000 are kept, and all
   * that follow; it ends with the run.
   */
  get events(): AsyncIterable<RunEvent> {
    return this.#events;
  }

  get runId(): string {
    return this.#started?.runId ?? '';
  }

  /** The folder of the run, an absolute path. */
  get folder(): string {
    return this.#started ? resolve(this.#started.folder) : '';
  }

  /** The address of the dashboard; undefined where none is served. */
  get dashboard(): string | undefined {
    return this.#listening?.dashboard;
  }

  /** Pauses after the current step. */
  pause(): Promise<void> {
    return this.#control.ask({ action: 'pause' });
  }

  resume(): Promise<void> {
    return this.#control.ask({ action: 'resume' });
  }

  /** Starts or drains workers until there are this many. */
  scale(workers: number): Promise<void> {
    return this.#control.ask({ action: 'scale', workers });
  }

  /** Ends the run in good order; resolves once it is saved and its processes are gone. */
  async stop(): Promise<void> {
    await this.#control.ask({ action: 'stop' }).catch((error: unknown) => {
      // It has ended meanwhile, which is what was asked for.
      if (LockstepError.from(error).code !== 'run-ended') throw error;
    });
    await this.#ended;
  }
}

/** As `Promise.withResolvers`, which Node 20 lacks. */
function deferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: LockstepError) => void;
} {
  let settle: Pick<ReturnType<typeof deferred<Value>>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }));
  if (settle === undefined) throw new Error('a promise runs its executor at once');
  return { promise, ...settle };
}
