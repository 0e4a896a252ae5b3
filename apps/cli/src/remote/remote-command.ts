import type { CommandDefinition } from '../command.js';
import {
  coordinatorHttpOption,
  jsonOption,
  leadOptions,
  runOption,
  type OptionEntry,
} from '../options/option-table.js';
import { refuseUnused } from '../options/refuse-unused.js';
import { callOptions } from '../options/security-options.js';
import type { OptionValues } from '../options/resolve-options.js';
import type { CoordinatorClient } from './coordinator-client.js';
import { findCoordinator } from './find-coordinator.js';

const [outOption] = leadOptions.filter(({ flag }) => flag === 'out');

/** Where a command finds its coordinator. */
const whereOptions: readonly OptionEntry[] = [
  runOption,
  ...(outOption ? [outOption] : []),
  coordinatorHttpOption,
  ...callOptions,
  jsonOption,
];

/** Of no use where an address is typed. */
const beside = ['run', 'out'].map((flag) => ({
  ...{ flag, because: '--http says already which coordinator is asked' },
}));

/** A command that asks something of a coordinator at work and prints what it answers. */
export interface RemoteCommand<Answer extends object> {
  readonly name: string;
  readonly describe: string;
  readonly positional?: CommandDefinition['positional'];
  /** Checks the arguments, before anybody is asked. */
  ask(positional: readonly string[]): (coordinator: CoordinatorClient) => Promise<Answer>;
  /** The answer for a person, lines without the last line feed. */
  say(answer: Answer): string;
}

export function remoteCommand<Answer extends object>(
  command: RemoteCommand<Answer>,
): CommandDefinition {
  const { name, describe, positional } = command;
  return {
    name,
    describe,
    ...(positional ? { positional } : {}),
    options: whereOptions,
    run: async (options: OptionValues, words, origins) => {
      if (origins['http']?.from === 'typed') refuseUnused(origins, beside);
      const ask = command.ask(words);
      const answer = await ask(await findCoordinator(options));
      const text =
        options['json'] === true ? JSON.stringify({ event: name, ...answer }) : command.say(answer);
      process.stdout.write(`${text}\n`);
      return 0;
    },
  };
}
