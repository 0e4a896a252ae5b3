import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Keeps a failing write to stdout or stderr from ending the process: the reader of a pipe that has
 * gone (EPIPE), a terminal that has hung up (EIO), a log on a full disk (ENOSPC).
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  // Node resets its terminals at exit, and aborts where one of them has hung up but is still open.
  process.on('exit', () => terminals.filter((fd) => !isatty(fd)).forEach((fd) => closeSync(fd)));
}

/** Says on stderr, once, that stdout has failed and the training continues. */
export function noteLostOutput(): void {
  process.stdout.once('error', ({ code }: NodeJS.ErrnoException) => {
    process.stderr.write(
      `stdout cannot be written (${code ?? 'unknown error'}): the run continues, and events.jsonl in its folder has its events\n`,
    );
  });
}
