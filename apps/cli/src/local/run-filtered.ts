import { constants } from 'node:os';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { passOnStderr } from './child-stderr.js';

const FORWARDED = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs this very command line in a child whose stderr is filtered. TensorFlow prints its greetings
 * on file descriptor 2 while its library loads, where no setting and nothing in its own process can
 * hold them back.
 *
 * @returns the child's exit code; 128 and its number where a signal ended it, as a shell says
 */
export function runFiltered(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    // The channel tells the child that it has a parent, and ends it with this process.
    stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  if (child.stderr) createInterface({ input: child.stderr }).on('line', passOnStderr());
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}
