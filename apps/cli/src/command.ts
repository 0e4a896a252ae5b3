import type { Command } from 'commander';
import { runFiltered } from './local/run-filtered.js';
import { hasParent, onParentGone } from './parent.js';
import { checkCredentials } from './options/check-credentials.js';
import type { OptionEntry } from './options/option-table.js';
import {
  resolveOptions,
  type OptionValues,
  type ResolvedOptions,
} from './options/resolve-options.js';

/** A subcommand as `--help` shows it and as it runs. */
export interface CommandDefinition {
  readonly name: string;
  readonly describe: string;
  /** Positional arguments as commander writes them, for example `<run>`. */
  readonly positional?: readonly { readonly syntax: string; readonly describe: string }[];
  readonly options: readonly OptionEntry[];
  /** Whether it loads TensorFlow into its process, whose stderr is then filtered by a parent. */
  readonly loadsTensorFlow?: true;
  /** Does the work; resolves to the exit code. */
  run(
    options: OptionValues,
    positional: readonly string[],
    origins: ResolvedOptions['origins'],
  ): Promise<number>;
}

/** Adds a command; unknown options are gathered, so that all mistakes are told at once. */
export function addCommand(
  program: Command,
  definition: CommandDefinition,
  finish: (code: number) => void,
): void {
  const { name, describe, positional = [], options } = definition;
  const command = program.command(name).description(describe).allowUnknownOption();
  command.allowExcessArguments(true);
  for (const { syntax, describe: what } of positional) command.argument(syntax, what);
  for (const entry of options) command.option(signature(entry), explanation(entry));
  command.action(async () => {
    const { words, unknown } = sortArguments(command.args, positional.length);
    const typed = { values: typedValues(command), unknown };
    const { values, origins } = await resolveOptions(options, typed);
    await checkCredentials(values);
    if (definition.loadsTensorFlow !== true) {
      return finish(await definition.run(values, words, origins));
    }
    if (!hasParent()) return finish(await runFiltered());
    const forgetParent = onParentGone(() => process.exit(1));
    finish(await definition.run(values, words, origins).finally(forgetParent));
  });
}

/**
 * Commander puts all it does not know among the arguments: an unknown option's value is none of
 * them, and is not reported beside the option.
 */
function sortArguments(
  all: readonly string[],
  positionalCount: number,
): { readonly words: readonly string[]; readonly unknown: readonly string[] } {
  const words: string[] = [];
  const unknown: string[] = [];
  all.forEach((word, place) => {
    if (isOption(word)) unknown.push(word.split('=')[0] ?? word);
    else if (!isOption(all[place - 1] ?? '')) words.push(word);
  });
  return {
    words: words.slice(0, positionalCount),
    unknown: [...unknown, ...words.slice(positionalCount)],
  };
}

/** `-5` is a number. */
function isOption(word: string): boolean {
  return /^-[^\d]/.test(word);
}

function signature({ flag, value }: OptionEntry): string {
  return value === undefined ? `--${flag}` : `--${flag} <${value}>`;
}

function explanation(entry: OptionEntry): string {
  const text = entry.defaultText ?? (entry.default === undefined ? undefined : `${entry.default}`);
  return text === undefined || text === 'false'
    ? entry.describe
    : `${entry.describe} (default: ${text})`;
}

/** Commander turns `--no-x` into `x: false`; here it is an option of its own. */
function typedValues(command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = { ...command.opts() };
  if (values['dashboard'] === false) values['noDashboard'] = true;
  delete values['dashboard'];
  return values;
}
