import { LockstepError } from '@lockstep/core';

/** How long a model's file may take to load. */
const LOAD_LIMIT_MS = 60_000;

/**
 * Watches the model's file, which runs in the compute thread: it may wait or compute for ever, throw
 * outside of any call, or try to end the process.
 */
export class UserCodeWatch {
  readonly #overdue: (error: LockstepError) => void;
  readonly #limitMs: number;
  #file: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param overdue called when a file does not end; the thread cannot be used any more */
  constructor(overdue: (error: LockstepError) => void, limitMs = LOAD_LIMIT_MS) {
    this.#overdue = overdue;
    this.#limitMs = limitMs;
  }

  /** A file begins to be loaded. */
  begins(file: string): void {
    this.#file = file;
    this.#timer = setTimeout(() => {
      const what = `has not been loaded after ${this.#limitMs / 1000} s`;
      const remedy = 'a model file must end: no endless loop or await outside of functions';
      this.#overdue(invalid(file, what, remedy));
    }, this.#limitMs);
  }

  ends(): void {
    clearTimeout(this.#timer);
  }

  /** Why the thread has died, where the user's code ended it. */
  explain(cause: unknown): LockstepError | undefined {
    this.ends();
    const file = this.#file;
    if (file === undefined || !(cause instanceof Error)) return undefined;
    const { message, stack = '' } = cause;
    const isItsOwn = stack.includes(file) || stack.includes(encodeURI(file));
    if (!isItsOwn) return undefined;
    const remedy = 'catch errors in timers and promises of the model file';
    return invalid(file, `threw an error outside of any call: ${message}`, remedy, cause);
  }
}

function invalid(file: string, what: string, remedy: string, cause?: unknown): LockstepError {
  return new LockstepError('model-invalid', `${file} ${what}`, { remedy, cause });
}

/**
 * Makes `process.exit` throw in this thread, where only the user's code and Node itself call it: the
 * thread would end without a word, and the run with it.
 */
export function forbidExit(): void {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const [, , caller = ''] = (new Error().stack ?? '').split('\n');
    if (caller.includes('node:internal/')) return exit(code);
    throw new LockstepError('model-invalid', `the model calls process.exit(${code ?? ''})`, {
      remedy: 'remove the call: a model file only defines the model',
    });
  };
}
