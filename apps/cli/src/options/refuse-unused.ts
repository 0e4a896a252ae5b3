import { LockstepError } from '@lockstep/core';
import { keyOf } from './option-names.js';
import type { ResolvedOptions } from './resolve-options.js';

/** An option that was perhaps typed, beside others with which it has no effect. */
export interface UnusedOption {
  readonly flag: string;
  /** Continues the sentence that begins with the option. */
  readonly because: string;
}

/**
 * Refuses options that were typed and would do nothing. In the environment and the config file, which
 * serve other commands too, they may stand.
 *
 * @throws LockstepError `bad-option` with a line for each of them
 */
export function refuseUnused(
  origins: ResolvedOptions['origins'],
  unused: readonly UnusedOption[],
): void {
  const mistakes = unused
    .filter(({ flag }) => origins[keyOf(flag)]?.from === 'typed')
    .map(({ flag, because }) => `--${flag} has no effect here: ${because}`);
  if (mistakes.length === 0) return;
  throw new LockstepError('bad-option', mistakes.join('\n'), {
    remedy: 'leave it out, or see --help for what it belongs to',
  });
}
