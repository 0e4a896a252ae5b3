import { flagOf } from '@lockstep/core';
import type { CommandDefinition } from '../command.js';
import { describeOption, variableOf } from './option.js';

const INTRODUCTION = `Generated from the option tables of the commands by \`npm run reference\`.
The [guide](../guide.md#commands) describes how flag, variable and config key relate. A dash marks an
option that is read from the command line only.`;

/** The page of all options in Markdown, from the commands' tables. */
export function optionReference(commands: readonly CommandDefinition[]): string {
  return ['# Options', INTRODUCTION, ...commands.map(sectionOf)].join('\n\n');
}

function sectionOf(command: CommandDefinition): string {
  const { name, describe, positional = [], options, examples = [] } = command;
  const words = positional.map((each) => `- \`${each.syntax}\`: ${each.describe}`);
  const rows = Object.entries(options).map(([key, schema]) => {
    const { value, describe: what, shownDefault = '', typedOnly = false } = describeOption(schema);
    const flag = `\`--${flagOf(key)}${value === undefined ? '' : ` ${value}`}\``;
    const elsewhere = typedOnly ? ['–', '–'] : [`\`${variableOf(key)}\``, `\`${key}\``];
    return rowOf([flag, ...elsewhere, shownDefault, what]);
  });
  const head = [
    rowOf(['flag', 'variable', 'config key', 'default', 'meaning']),
    '|---|---|---|---|---|',
  ];
  return [
    `## \`lockstep ${[name, ...positional.map(({ syntax }) => syntax)].join(' ')}\``,
    `${describe[0]?.toUpperCase()}${describe.slice(1)}.`,
    ...(words.length === 0 ? [] : [words.join('\n')]),
    ...(rows.length === 0 ? [] : [[...head, ...rows].join('\n')]),
    ...(examples.length === 0 ? [] : [['```sh', ...examples, '```'].join('\n')]),
  ].join('\n\n');
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
