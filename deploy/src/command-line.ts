import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LOCKSTEP = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
/** The command line names all its mistakes at once, before any work: so only this one must be named. */
const MISTAKE = '--no-such-option';

/**
 * Has the command line itself read some arguments and variables, and do nothing.
 *
 * @returns what it would not take
 */
export function mistakesIn(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [LOCKSTEP, ...args, MISTAKE], { env }, (_error, _stdout, stderr) => {
      const lines = stderr.split('\n').filter((line) => line.trim() !== '');
      const asked = lines.some((line) => line.includes(MISTAKE));
      const others = lines.filter((line) => !line.includes(MISTAKE) && !line.includes('--help'));
      resolve(asked ? others : lines);
    });
  });
}
