import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LOCKSTEP = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
/** The command line names all its mistakes at once, before any work: so only this one must be named. */
const MISTAKE = '--no-such-option';

/** Read where TensorFlow is found, and by no command. */
const OF_THE_RUNTIME = ['LOCKSTEP_BACKEND'];

/**
 * Variables that a command would not read, and not complain of either: a name that is misspelt is one.
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
