import { readFileSync } from 'node:fs';
import { LockstepError } from '@lockstep/core';
import { readProcStat } from '../../apps/cli/src/bench/machine.js';

/** What a process has used so far. */
export interface ProcessLoad {
  /** CPU time of all its threads, in milliseconds. */
  readonly cpuMs: number;
  /** CPU time of its main thread, in milliseconds. */
  readonly mainThreadMs: number;
  readonly rssBytes: number;
}

const KILOBYTE = 1024;

/** @throws LockstepError `bad-option` where the system does not report it */
export function loadOf(pid: number): ProcessLoad {
  try {
    // The main thread has the process's number.
    const main = readProcStat(`${pid}/task/${pid}`);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    const { cpuMs } = readProcStat(String(pid));
    return { cpuMs, mainThreadMs: main.cpuMs, rssBytes: rss * KILOBYTE };
  } catch (cause) {
    throw new LockstepError('bad-option', 'this system does not report the CPU time of a process', {
      remedy: 'measure on Linux',
      cause,
    });
  }
}
