import type { Command } from 'commander';
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
    const wanted = command.args.slice(0, positional.length);
    const unknown = command.args.slice(positional.length);
    const typed = { values: typedValues(command), unknown };
    const { values, origins } = await resolveOptions(options, typed);
    await checkCredentials(values);
    finish(await definition.run(values, wanted, origins));
  });
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
