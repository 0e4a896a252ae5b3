import { flagOf } from '@lockstep/core';
import type { Command } from 'commander';
import { runFiltered } from './local/child-stderr.js';
import { hasParent, isFiltered, onParentGone } from './parent.js';
import { setUpAtFirstUse } from './set-up-at-first-use.js';
import { describeOption, type OptionTable, type Values } from './options/option.js';
import { resolveOptions, type Origins, type TypedOptions } from './options/resolve-options.js';
import { checkCredentials } from './options/security-options.js';

/** What a command is given. */
export interface Invocation<Table extends OptionTable> {
  readonly options: Values<Table>;
  /** Where each option was given. */
  readonly origins: Origins;
  /** The positional arguments. */
  readonly words: readonly string[];
}

interface CommandSettings<Table extends OptionTable> {
  readonly name: string;
  readonly describe: string;
  /** Positional arguments as commander writes them, for example `<run>`; the last may be `<files...>`. */
  readonly positional?: readonly { readonly syntax: string; readonly describe: string }[];
  readonly options: Table;
  /** Command lines that `--help` and the reference show. */
  readonly examples?: readonly string[];
  /**
   * Whether it loads TensorFlow into its process, whose stderr is then filtered by a parent. Commands
   * that run under supervisors have one only beside a terminal: elsewhere a signal must reach the process
   * that was started, and a second process would cost memory.
   */
  readonly loadsTensorFlow?: 'always' | 'beside a terminal';
  /** Does the work; resolves to the exit code. */
  readonly run: (invocation: Invocation<Table>) => Promise<number>;
}

/** A subcommand as `--help` shows it and as it runs. */
export interface CommandDefinition<Table extends OptionTable = OptionTable> extends Omit<
  CommandSettings<Table>,
  'run'
> {
  /**
   * Resolves the options, then does the work.
   *
   * @param environment and `folder` are those of this process unless given
   * @returns the exit code
   */
  invoke(
    typed: TypedOptions,
    words: readonly string[],
    environment?: NodeJS.ProcessEnv,
    folder?: string,
  ): Promise<number>;
}

/** A command whose `run` receives the values of its options, typed by their table. */
export function defineCommand<Table extends OptionTable>({
  run,
  ...settings
}: CommandSettings<Table>): CommandDefinition<Table> {
  return {
    ...settings,
    invoke: async (typed, words, environment, folder) => {
      const { values, origins } = await resolveOptions(
        settings.options,
        typed,
        environment,
        folder,
      );
      await checkCredentials(values);
      const isStartedForWork = hasParent() || isFiltered();
      if (settings.loadsTensorFlow !== undefined && !isStartedForWork) await setUpAtFirstUse();
      const work = (): Promise<number> => run({ options: values, origins, words });
      if (!isToFilter(settings.loadsTensorFlow) || hasParent()) return work();
      if (!isFiltered()) return runFiltered();
      if (settings.loadsTensorFlow !== 'always') return work();
      const forgetParent = onParentGone(() => process.exit(1));
      return work().finally(forgetParent);
    },
  };
}

function isToFilter(loads: CommandSettings<OptionTable>['loadsTensorFlow']): boolean {
  // The filtered process itself has a pipe for stderr.
  return loads === 'always' || (loads !== undefined && (process.stderr.isTTY || isFiltered()));
}

/** Adds a command; unknown options are gathered, so that all mistakes are reported at once. */
export function addCommand(
  program: Command,
  definition: CommandDefinition,
  finish: (code: number) => void,
): void {
  const { name, describe, positional = [], options, examples = [] } = definition;
  const command = program.command(name).description(describe).allowUnknownOption();
  command.allowExcessArguments(true);
  for (const { syntax, describe: what } of positional) command.argument(syntax, what);
  for (const [option, schema] of Object.entries(options)) {
    const { value, describe: what, shownDefault } = describeOption(schema);
    const flag = `--${flagOf(option)}`;
    command.option(
      value === undefined ? flag : `${flag} <${value}>`,
      shownDefault === undefined ? what : `${what} (default: ${shownDefault})`,
    );
  }
  if (examples.length > 0) {
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}\n`).join('')}`);
  }
  command.action(async () => {
    const { words, unknown } = sortArguments(command.args, mostWords(positional));
    finish(await definition.invoke({ values: typedValues(command), unknown }, words));
  });
}

/** How many positional arguments a command takes: any number where the last one is written `<name...>`. */
function mostWords(positional: readonly { readonly syntax: string }[]): number {
  return positional.at(-1)?.syntax.includes('...') ? Infinity : positional.length;
}

/**
 * Commander puts everything that it does not know among the arguments. The value of an unknown option
 * is not an argument, and is not reported beside the option.
 */
function sortArguments(
  all: readonly string[],
  most: number,
): { readonly words: readonly string[]; readonly unknown: readonly string[] } {
  const words: string[] = [];
  const unknown: string[] = [];
  all.forEach((word, place) => {
    if (isOption(word)) unknown.push(word.split('=')[0] ?? word);
    else if (!isOption(all[place - 1] ?? '')) words.push(word);
  });
  return {
    words: words.slice(0, most),
    unknown: [...unknown, ...words.slice(most)],
  };
}

/** `-5` is a number. */
function isOption(word: string): boolean {
  return /^-[^\d]/.test(word);
}

/** Commander turns `--no-x` into `x: false`; here it is an option of its own. */
function typedValues(command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = { ...command.opts() };
  if (values['dashboard'] === false) values['noDashboard'] = true;
  delete values['dashboard'];
  return values;
}
