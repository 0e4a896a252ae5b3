import { flagOf, LockstepError } from '@lockstep/core';
import type { Origins } from './resolve-options.js';

/** An option that has no effect beside the others that were given. */
export interface UnusedOption {
  readonly name: string;
  /** Continues the sentence that begins with the option. */
  readonly because: string;
}

/**
 * Refuses options that were typed and would have no effect. In the environment and the config file,
 * which serve other commands too, they are allowed.
 *
 * @throws LockstepError `bad-option` with a line for each of them
 */
export function refuseUnused(origins: Origins, unused: readonly UnusedOption[]): void {
  const mistakes = unused
    .filter(({ name }) => origins[name]?.from === 'typed')
    .map(({ name, because }) => `--${flagOf(name)} has no effect here: ${because}`);
  if (mistakes.length === 0) return;
  throw new LockstepError('bad-option', mistakes.join('\n'), {
    remedy: 'omit it, or see --help for what it belongs to',
  });
}
