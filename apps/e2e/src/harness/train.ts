import { inject } from 'vitest';
import { startLockstep, type Lockstep, type StartOptions } from './lockstep.js';
import { REFERENCE } from './reference-run.js';
import type { Sandbox } from './sandbox.js';

/** Starts `lockstep train --json` in a sandbox on the small data; later arguments win. */
export function startTraining(
  sandbox: Sandbox,
  args: readonly string[],
  options: StartOptions = {},
): Lockstep {
  const fixed = ['--data', inject('smallData'), '--out', sandbox.runs, '--no-dashboard', '--json'];
  return startLockstep(sandbox, ['train', ...fixed, ...args], options);
}

/** Starts the reference run, to be disturbed. */
export function startReference(
  sandbox: Sandbox,
  args: readonly string[],
  options: StartOptions = {},
): Lockstep {
  return startTraining(sandbox, [...REFERENCE, ...args], options);
}

/** What an undisturbed reference run ends with. */
export function referenceSha256(): string {
  return inject('referenceSha256');
}

/** Waits for a run's end, which must be a good one. @returns its `weightsSha256` */
export async function finished(run: Lockstep, limitMs = 180_000): Promise<string> {
  const { weightsSha256 } = await run.event('run-finished', undefined, limitMs);
  const code = await run.ended;
  if (code !== 0) throw new Error(`it finished, but ended with ${code}: ${run.stderr}`);
  return weightsSha256;
}
