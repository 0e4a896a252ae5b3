import { flagOf, LockstepError } from '@lockstep/core';
import type { ModelDefinition } from '@lockstep/model/user-api';
import type { Chosen, SettingValue } from './chosen.js';
import type { FlagOptions } from './generated/options.js';

/** What `train()` takes: the options of `lockstep train` in camel case. */
export interface TrainOptions extends FlagOptions {
  /** A built-in name, the path or `file:` URL of a module, or what `defineModel` returns. */
  readonly model?: string | URL | ModelDefinition | undefined;
  /** `mnist`, `fashion-mnist`, or the path or `file:` URL of a folder, a file or a module. */
  readonly data?: string | URL | undefined;
  /** A name, or what an entry of `optimizers` returns. */
  readonly optimizer?: string | Chosen | undefined;
  /** Called with each line that the training prints for its user: warnings, and the set-up's progress. By default they go to stderr. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/**
 * The command line of `lockstep train` for the options.
 *
 * @param files the paths that stand for `model` and `data`
 * @throws LockstepError `bad-option` for an option given twice
 */
export function trainArguments(
  options: TrainOptions,
  files: { readonly model: string | undefined; readonly data: string | undefined },
): string[] {
  const { model: _model, data: _data, optimizer, onLog: _onLog, ...flags } = options;
  const chosen = typeof optimizer === 'object' ? optimizer : undefined;
  const twice = Object.keys(chosen?.settings ?? {}).filter(
    (key) => (flags as Record<string, unknown>)[key] !== undefined,
  );
  if (twice.length > 0) {
    throw new LockstepError('bad-option', `given twice: ${twice.join(', ')}`, {
      remedy: 'give it to the optimizer or beside it, not both',
    });
  }
  const name = chosen?.name ?? (optimizer as string | undefined);
  const all = { ...files, optimizer: name, ...chosen?.settings, ...flags };
  return Object.entries(all).flatMap(([key, value]) => argumentFor(key, value));
}

function argumentFor(key: string, value: SettingValue | undefined): string[] {
  if (value === undefined || value === false) return [];
  // In one word: a value may begin with a dash.
  return value === true ? [`--${flagOf(key)}`] : [`--${flagOf(key)}=${String(value)}`];
}
