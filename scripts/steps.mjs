import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Progress is written to stderr: stdout belongs to the started command (`npm start -- --json`). */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/** A failure that the user can fix; printed without a stack. */
export class SetUpError extends Error {}

/**
 * Runs a program; its output is shown only when it fails, with a `SetUpError`.
 *
 * @param env its whole environment
 * @param cwd its working folder
 */
export function run(program, args, env = process.env, cwd = root) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env });
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

/**
 * Writes a note for the next set-up. Without it the next one only takes longer, so a read-only
 * clone remains usable.
 */
export function writeStamp(name, text) {
  const path = join(root, '.lockstep', name);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

/** @throws SetUpError if the clone is read-only, before work that would fail halfway */
export function mustBeWritable(reason) {
  try {
    accessSync(root, constants.W_OK);
  } catch (error) {
    throw new SetUpError(
      `this clone is not set up (${reason}) and ${root} cannot be written (${error.code}): run ` +
        '"npm run setup" as its owner, or clone it into a folder of your own',
    );
  }
}

function isUnwritable(error) {
  return ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(error.code);
}
