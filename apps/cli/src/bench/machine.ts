import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** What the numbers were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** What Linux says of a process or of one of its threads. */
interface ProcStat {
  readonly parent: number;
  /** CPU time of its own, in milliseconds. */
  readonly cpuMs: number;
  /** CPU time of its children that have ended, in milliseconds. */
  readonly endedChildrenMs: number;
}

/** Linux counts CPU time to user space in hundredths of a second. */
const MS_PER_TICK = 10;

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

/**
 * Starts measuring how much of the machine is used by programs that this process did not start.
 *
 * @returns ends the measurement: cores they used on average; undefined where the system does not report it
 */
export function measureOthers(): () => number | undefined {
  const before = cpuTimes();
  return () => {
    const after = cpuTimes();
    if (!before || !after) return undefined;
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.max(0, others / (after.at - before.at));
  };
}

/** CPU time since the start of the machine, and of this process and its descendants, in milliseconds. */
function cpuTimes(): { at: number; busy: number; own: number } | undefined {
  try {
    const [, user, nice, system] =
      /^cpu\s+(\d+) (\d+) (\d+)/.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
    const busy = (Number(user) + Number(nice) + Number(system)) * MS_PER_TICK;
    return { at: performance.now(), busy, own: ownCpu() };
  } catch {
    return undefined;
  }
}

function ownCpu(): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const known = processes.flatMap((pid) => statOf(pid) ?? []);
  const own = new Set([process.pid]);
  // A child's number may be lower than its parent's once numbers have wrapped: look until none is new.
  for (let before = 0; before < own.size;) {
    before = own.size;
    for (const { pid, parent } of known) if (own.has(parent)) own.add(pid);
  }
  return known.filter(({ pid }) => own.has(pid)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** Its CPU time holds that of children who have ended. Nothing of a process that has ended meanwhile. */
function statOf(name: string): { pid: number; parent: number; cpuMs: number } | undefined {
  try {
    const { parent, cpuMs, endedChildrenMs } = readProcStat(name);
    return { pid: Number(name), parent, cpuMs: cpuMs + endedChildrenMs };
  } catch {
    return undefined;
  }
}
