#!/usr/bin/env node
import { Command } from 'commander';
import { addCommand, type CommandDefinition } from './command.js';
import { reportError } from './report-error.js';

/** Loaded when called: a worker need not wait for what only a coordinator imports. */
const commands: Readonly<Record<string, () => Promise<CommandDefinition>>> = {
  train: async () => (await import('./commands/train.js')).train,
  coordinator: async () => (await import('./commands/coordinator.js')).coordinator,
  worker: async () => (await import('./commands/worker.js')).worker,
  status: async () => (await import('./commands/status.js')).status,
  scale: async () => (await import('./commands/scale.js')).scale,
  pause: async () => (await import('./commands/pause.js')).pause,
  resume: async () => (await import('./commands/resume.js')).resume,
  stop: async () => (await import('./commands/stop.js')).stop,
  evaluate: async () => (await import('./commands/evaluate.js')).evaluate,
  predict: async () => (await import('./commands/predict.js')).predict,
  verify: async () => (await import('./commands/verify.js')).verify,
  chaos: async () => (await import('./commands/chaos.js')).chaos,
  bench: async () => (await import('./commands/bench.js')).bench,
  token: async () => (await import('./commands/token.js')).token,
  certs: async () => (await import('./commands/certs.js')).certs,
  doctor: async () => (await import('./commands/doctor.js')).doctor,
};

/** How long open sockets may keep the process once its command is done and its output written. */
const EXIT_GRACE_MS = 2_000;

async function main(): Promise<void> {
  const [, , name] = process.argv;
  const program = new Command('lockstep')
    .description('distributed synchronous SGD: the same run gives the same weights, bit for bit')
    .showHelpAfterError('(see --help)');
  const wanted = name !== undefined && name in commands ? [name] : Object.keys(commands);
  let code = 0;
  for (const each of wanted) {
    const definition = await commands[each]?.();
    if (definition) addCommand(program, definition, (result) => (code = result));
  }
  program.exitOverride((error) => {
    throw error.exitCode === 0 ? error : Object.assign(error, { exitCode: 2 });
  });
  try {
    await program.parseAsync();
  } catch (error) {
    code = isCommanderError(error) ? error.exitCode : reportError(error);
  }
  process.exitCode = code;
  // A parent waiting on its channel must not keep this process alive.
  if (process.channel) process.disconnect();
  // Nor may a connection attempt that is never answered: the kernel gives up after two minutes.
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

await main();
