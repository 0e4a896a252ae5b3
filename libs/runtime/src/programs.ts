import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { childEnvironment, foreignVariable } from './environment.js';

/** The path of the first of `names` that is an executable file on PATH; starts no process. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = (foreignVariable('PATH') ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export interface ProgramResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last non-empty line of stderr or else stdout; the reason of a failure. */
  readonly lastLine: string;
}

export interface ProgramOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Disables colours, since the output is parsed. */
const PLAIN_TEXT = { NO_COLOR: '1', FORCE_COLOR: undefined };

/** Runs a program to its end, without a shell; a failure is a result, not an exception. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const settings = {
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 1 << 26,
      env: childEnvironment({ ...PLAIN_TEXT, ...options.environment }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    };
    const child = execFile(file, args, settings, (error, stdout, stderr) => {
      const timedOut = error !== null && error.killed === true;
      const said = lastLine(stderr) ?? lastLine(stdout) ?? error?.message ?? '';
      const why = timedOut ? `no end after ${options.timeoutMs / 1000} s` : said;
      resolve({ ok: error === null, stdout, lastLine: withoutAddresses(why) });
    });
    child.stdin?.end();
  });
}

function lastLine(output: string): string | undefined {
  return stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1);
}

/** Download tools may print addresses that carry credentials; reasons are shown without them. */
function withoutAddresses(line: string): string {
  return line.replace(/\b[a-z][a-z+]*:\/\/\S+/gi, '<address>');
}
