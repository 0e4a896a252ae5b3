import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Progress goes to stderr: stdout belongs to what is started (`npm start -- --json`). */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/** A failure that a person can act on; printed without a stack. */
export class SetUpError extends Error {}

/** Runs a program from the root; what it says is shown only when it fails, with a `SetUpError`. */
export function run(program, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env } });
    const said = [];
    child.stdin.end();
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', (error) =>
      reject(new SetUpError(`${program} cannot be started: ${error.message}`)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(said));
      reject(new SetUpError(`"${program} ${args.join(' ')}" ended with ${signal ?? code}`));
    });
  });
}

/** The text of a note that an earlier set-up left in `.lockstep/`, or ''. */
export function readStamp(name) {
  try {
    return readFileSync(join(root, '.lockstep', name), 'utf8');
  } catch {
    return '';
  }
}

export function writeStamp(name, text) {
  const path = join(root, '.lockstep', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
