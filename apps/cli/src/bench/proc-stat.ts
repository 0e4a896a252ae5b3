import { readFileSync } from 'node:fs';

/** What Linux says of a process or of one of its threads. */
export interface ProcStat {
  readonly parent: number;
  /** CPU time of its own, in milliseconds. */
  readonly cpuMs: number;
  /** CPU time of its children that have ended, in milliseconds. */
  readonly endedChildrenMs: number;
}

/** Linux counts CPU time to user space in hundredths of a second. */
export const MS_PER_TICK = 10;

/**
 * Reads `/proc/…/stat` (proc(5)): the fields are those after the command in brackets, which may hold
 * spaces and brackets itself.
 *
 * @param path below `/proc`: `1234`, or `1234/task/1235`
 * @throws as `readFileSync`, when it has ended or the system is no Linux
 */
export function readProcStat(path: string): ProcStat {
  const text = readFileSync(`/proc/${path}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (from: number): number => Number(fields[from]) + Number(fields[from + 1]);
  return {
    parent: Number(fields[1]),
    cpuMs: ticks(11) * MS_PER_TICK,
    endedChildrenMs: ticks(13) * MS_PER_TICK,
  };
}
