import { readdirSync, readFileSync } from 'node:fs';
import { LockstepError } from '@lockstep/core';

/** What a process has used so far. */
export interface ProcessLoad {
  /** CPU time of all its threads, in milliseconds. */
  readonly cpuMs: number;
  /** CPU time of its main thread, in milliseconds. */
  readonly mainThreadMs: number;
  readonly rssBytes: number;
}

/** Linux counts CPU time to user space in hundredths of a second. */
const MS_PER_TICK = 10;
const KILOBYTE = 1024;

/** @throws LockstepError `bad-option` where the system does not tell */
export function loadOf(pid: number): ProcessLoad {
  try {
    const cpuMs = cpuMsIn(`/proc/${pid}/stat`);
    const main = readdirSync(`/proc/${pid}/task`).find((thread) => thread === String(pid));
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    return {
      cpuMs,
      mainThreadMs: cpuMsIn(`/proc/${pid}/task/${main}/stat`),
      rssBytes: rss * KILOBYTE,
    };
  } catch (cause) {
    throw new LockstepError('bad-option', 'the CPU time of a process is not to be had here', {
      remedy: 'measure --part scaling and --part sizes on Linux',
      cause,
    });
  }
}

/** Fields after the command in brackets, which may hold spaces: the 12th and 13th are the times. */
function cpuMsIn(path: string): number {
  const text = readFileSync(path, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
