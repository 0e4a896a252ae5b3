import { LockstepError } from '@lockstep/core';

/** How long a model's file may take to load. */
const LOAD_LIMIT_MS = 60_000;

/** What the calling thread knows of the user's code in the compute thread. */
export interface UserCodeWatch {
  /** A file begins to be loaded. */
  begins(file: string): void;
  ends(): void;
  /** Why the thread has died, where the user's code ended it. */
  explain(cause: unknown): LockstepError | undefined;
}

/**
 * Watches the model's file, which runs in the compute thread: it may wait or compute for ever, throw
 * outside of any call, or try to end the process.
 *
 * @param overdue called when a file does not end; the thread cannot be used any more
 */
export function watchUserCode(
  overdue: (error: LockstepError) => void,
  limitMs = LOAD_LIMIT_MS,
): UserCodeWatch {
  let file: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const invalid = (what: string, remedy: string, cause?: unknown): LockstepError =>
    new LockstepError('model-invalid', `${file} ${what}`, { remedy, cause });
  return {
    begins: (path) => {
      file = path;
      timer = setTimeout(() => {
        const what = `has not been loaded after ${limitMs / 1000} s`;
        const remedy = 'a model file must end: no endless loop or await outside of functions';
        overdue(invalid(what, remedy));
      }, limitMs);
    },
    ends: () => clearTimeout(timer),
    explain: (cause) => {
      clearTimeout(timer);
      if (file === undefined || !(cause instanceof Error)) return undefined;
      const { message, stack = '' } = cause;
      const isItsOwn = stack.includes(file) || stack.includes(encodeURI(file));
      if (!isItsOwn) return undefined;
      const remedy = 'catch errors in timers and promises of the model file';
      return invalid(`threw an error outside of any call: ${message}`, remedy, cause);
    },
  };
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
