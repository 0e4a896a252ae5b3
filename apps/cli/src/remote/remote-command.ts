import { defineCommand, type CommandDefinition } from '../command.js';
import { refuseUnused } from '../options/refuse-unused.js';
import { jsonOption, whereOptions } from '../options/run-options.js';
import { callOptions } from '../options/security-options.js';
import type { CoordinatorClient } from './coordinator-client.js';
import { findCoordinator } from './find-coordinator.js';

/** Without effect where an address is typed. */
const beside = ['run', 'out'].map((name) => ({
  ...{ name, because: '--http already names the coordinator' },
}));

/** A command that sends a request to a running coordinator and prints its response. */
export interface RemoteCommand<Answer extends object> {
  readonly name: string;
  readonly describe: string;
  readonly positional?: CommandDefinition['positional'];
  /** Checks the arguments, before any request is sent. */
  ask(positional: readonly string[]): (coordinator: CoordinatorClient) => Promise<Answer>;
  /** The response as text, without the last line feed. */
  say(answer: Answer): string;
}

export function remoteCommand<Answer extends object>(
  command: RemoteCommand<Answer>,
): CommandDefinition {
  const { name, describe, positional } = command;
  return defineCommand({
    name,
    describe,
    ...(positional ? { positional } : {}),
    options: { ...whereOptions, ...callOptions, ...jsonOption },
    run: async ({ options, words, origins }) => {
      if (origins['http']?.from === 'typed') refuseUnused(origins, beside);
      const ask = command.ask(words);
      const answer = await ask(await findCoordinator(options));
      const text = options.json ? JSON.stringify({ event: name, ...answer }) : command.say(answer);
      process.stdout.write(`${text}\n`);
      return 0;
    },
  });
}
