import { rmSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createSandbox } from './sandbox.js';
import { startLockstep } from './lockstep.js';
import { writeSmallData } from './small-data.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder with the beginning of MNIST. */
    smallData: string;
    /** `weightsSha256` of the reference run. */
    referenceSha256: string;
  }
}

/** The run that the specs repeat, disturbed in every way: five shards a step. */
export const REFERENCE = ['--steps', '10', '--batch', '20', '--shard-size', '4'] as const;

/** Trains the reference run once, undisturbed, with one worker. */
export default async function setup(project: TestProject): Promise<() => void> {
  const data = mkdtempSync(join('/tmp', 'lockstep-e2e-data-'));
  writeSmallData(data);
  const undo: (() => void)[] = [() => rmSync(data, { recursive: true, force: true })];
  const sandbox = createSandbox((each) => undo.push(each));
  const args = [...REFERENCE, '--data', data, '--workers', '1', '--out', sandbox.runs];
  const run = startLockstep(sandbox, ['train', ...args, '--json', '--no-dashboard']);
  const { weightsSha256 } = await run.event('run-finished', undefined, 300_000);
  await run.ended;
  project.provide('smallData', data);
  project.provide('referenceSha256', weightsSha256);
  return () => undo.forEach((each) => each());
}
