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
  /** A name, or what an entry of `losses` returns; a loss of your own belongs to the model. */
  readonly loss?: string | Chosen | undefined;
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
  const { model: _model, data: _data, onLog: _onLog, optimizer, loss, ...flags } = options;
  const all = {
    ...files,
    ...entryOptions('optimizer', optimizer, flags),
    ...entryOptions('loss', loss, flags),
    ...flags,
  };
  return Object.entries(all).flatMap(([key, value]) => argumentFor(key, value));
}

/**
 * An entry of a registry as options: its name and its settings.
 *
 * @throws LockstepError `bad-option` where a setting is among the flags too
 */
function entryOptions(
  option: string,
  chosen: string | Chosen | undefined,
  flags: FlagOptions,
): Readonly<Record<string, SettingValue | undefined>> {
  if (typeof chosen !== 'object') return { [option]: chosen };
  const { name, settings } = chosen;
  const given: Readonly<Record<string, unknown>> = { ...flags };
  const twice = Object.keys(settings).filter((key) => given[key] !== undefined);
  if (twice.length === 0) return { [option]: name, ...settings };
  throw new LockstepError('bad-option', `given twice: ${twice.join(', ')}`, {
    remedy: `give it to the ${option} or beside it, not both`,
  });
}

function argumentFor(key: string, value: SettingValue | undefined): string[] {
  if (value === undefined || value === false) return [];
  // In one word: a value may begin with a dash.
  return value === true ? [`--${flagOf(key)}`] : [`--${flagOf(key)}=${String(value)}`];
}
