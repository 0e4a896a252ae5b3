#!/usr/bin/env node
import { LockstepError } from '@lockstep/core';
import { Command } from 'commander';
import { addCommand } from './command.js';
import { commands } from './commands.js';
import { didYouMean } from './options/did-you-mean.js';
import { surviveHangUp } from './interrupt.js';
import { surviveLostOutput } from './output/lost-output.js';
import { versionText } from './program-name.js';
import { reportError } from './report-error.js';

/** How long open sockets may keep the process once its command is done and its output written. */
const EXIT_GRACE_MS = 2_000;

async function main(): Promise<void> {
  surviveLostOutput();
  surviveHangUp();
  process.exitCode = await runCommandLine().catch(reportError);
  // A parent waiting on its channel must not keep this process alive.
  if (process.channel) process.disconnect();
  // Nor may a connection attempt that is never answered: the kernel gives up after two minutes.
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
}

/** @returns the exit code */
async function runCommandLine(): Promise<number> {
  const [, , name] = process.argv;
  const program = new Command('lockstep')
    .description('distributed synchronous SGD: the same run gives the same weights, bit for bit')
    .version(versionText(), '-V, --version', 'print the version')
    .showHelpAfterError('(see --help)');
  const isCommand = name !== undefined && Object.hasOwn(commands, name);
  if (name !== undefined && !isCommand && !name.startsWith('-') && name !== 'help') {
    throw new LockstepError(
      'bad-option',
      `unknown command ${name}${didYouMean(name, Object.keys(commands))}`,
      { remedy: 'see `lockstep --help` for the commands' },
    );
  }
  const wanted = isCommand ? [name] : Object.keys(commands);
  let code = 0;
  try {
    for (const each of wanted) {
      const definition = await commands[each]?.();
      if (definition) addCommand(program, definition, (result) => (code = result));
    }
    program.exitOverride((error) => {
      throw error.exitCode === 0 ? error : Object.assign(error, { exitCode: 2 });
    });
    await program.parseAsync();
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    code = error.exitCode;
  }
  return code;
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

// An error that no code awaits, such as one of a stream, is reported like any other.
process.on('uncaughtException', (error) => process.exit(reportError(error)));
await main();
