import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { processesOf, socketsOf } from './processes.js';
import { until } from './until.js';

/** A private place for runs of Lockstep, where everything that they start and write can be found. */
export interface Sandbox {
  /** The working folder. */
  readonly folder: string;
  /** `--out`. */
  readonly runs: string;
  /** The temporary folder of all its processes. */
  readonly temporary: string;
  /** Leftovers besides the runs: processes, Unix sockets, temporary files. */
  leftBehind(): readonly string[];
  /** Resolves once nothing is there beside the runs; throws, naming it, when something stays. */
  empty(limitMs?: number): Promise<void>;
  /** Names of the runs. */
  runNames(): readonly string[];
}

/** Short, since a Unix socket's path has a hundred bytes. */
const BASE = '/tmp';

/** Creates a sandbox that is removed, with every process in it, after the test. */
export function createSandbox(finish: (undo: () => void) => void = onTestFinished): Sandbox {
  const folder = mkdtempSync(join(BASE, 'lockstep-e2e-'));
  const temporary = join(folder, 'tmp');
  const runs = join(folder, 'runs');
  mkdirSync(temporary);
  finish(() => {
    for (const { pid } of processesOf(folder)) kill(pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  const leftBehind = (): string[] => [
    ...processesOf(folder).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...socketsOf(folder).map((path) => `socket ${path}`),
    ...readdirSync(temporary).map((name) => `temporary file ${name}`),
  ];
  return {
    folder,
    runs,
    temporary,
    leftBehind,
    empty: async (limitMs = 30_000) => {
      await until('nothing left behind', () => leftBehind().length === 0, limitMs).catch(() => {
        const left = leftBehind();
        if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
      });
    },
    runNames: () => (existsSync(runs) ? readdirSync(runs) : []),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}
