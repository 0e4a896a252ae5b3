import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LOCKSTEP = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
/**
 * The command line reports all mistakes at once, before any work: only this one must be reported.
 */
const MISTAKE = '--no-such-option';

/** Read by the code that loads TensorFlow, not by a command. */
const OF_THE_RUNTIME = ['LOCKSTEP_BACKEND'];

/**
 * Variables that a command ignores without an error, such as misspelt names.
 *
 * @param command as `--help` knows it
 */
export async function unreadBy(
  command: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [LOCKSTEP, command, '--help']);
  const flags = [...stdout.matchAll(/^ +--([a-z-]+)/gm)].map(([, flag = '']) => flag);
  const read = flags.map((flag) => `LOCKSTEP_${flag.replaceAll('-', '_').toUpperCase()}`);
  const ours = Object.keys(environment).filter((name) => name.startsWith('LOCKSTEP_'));
  return ours.filter((name) => ![...read, ...OF_THE_RUNTIME].includes(name));
}

/**
 * Runs the command line with some arguments and variables, without doing any work.
 *
 * @returns the mistakes that it reports
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
