import { readdirSync, readFileSync } from 'node:fs';
import { MS_PER_TICK, readProcStat } from './proc-stat.js';

/**
 * Starts measuring how much of the machine is used by programs that this process did not start.
 *
 * @returns ends the measurement: cores they used on average; undefined where the system does not report it
 */
export function watchCompany(): () => number | undefined {
  const before = look();
  return () => {
    const after = look();
    if (!before || !after) return undefined;
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.max(0, others / (after.at - before.at));
  };
}

/** CPU time since the start of the machine, and of this process and its descendants, in milliseconds. */
function look(): { at: number; busy: number; own: number } | undefined {
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
