import { constants } from 'node:os';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { FILTERED } from '../parent.js';
import { passOnStderr } from './child-stderr.js';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGWINCH'] as const;

/**
 * Runs this very command line in a child whose stderr is filtered. TensorFlow prints its banner on file
 * descriptor 2 while its library loads; no setting, and nothing in the same process, can suppress it.
 *
 * @returns the child's exit code; 128 plus the number of the signal where a signal ended it, as a
 *   shell does
 */
export function runFiltered(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    // The channel ends the child with this process.
    stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    argv0: FILTERED,
    // Not in the terminal's foreground group, whose signals would otherwise reach the child twice.
    detached: true,
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
