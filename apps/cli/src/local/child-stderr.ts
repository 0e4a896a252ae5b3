import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { prettyLine } from '../output/pretty-line.js';
import { FILTERED } from '../parent.js';

/**
 * The banner that TensorFlow's library prints while it loads, before its log level is set: no setting
 * suppresses these two lines. No error message matches them.
 */
const BANNER = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^I0000 \S+ +\d+ port\.cc:\d+\] oneDNN custom operations are on\./,
];

/**
 * Passes on what a child process prints on stderr, line by line, without TensorFlow's banner.
 *
 * @param stream this process's own stderr
 */
export function passOnStderr(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stderr,
): (line: string) => void {
  return (line) => {
    if (BANNER.some((pattern) => pattern.test(line))) return;
    stream.write(stream.isTTY ? prettyLine(`${line}\n`) : `${line}\n`);
  };
}

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
