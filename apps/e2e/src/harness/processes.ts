import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * The processes that belong to a folder: those with its path in their environment, which every
 * descendant inherits even when its parent has ended, or on their command line, since a Redis server
 * writes its title over its environment.
 */
export function processesOf(folder: string): readonly FoundProcess[] {
  return everyProcess()
    .filter(({ pid, text }) => pid !== process.pid && text.includes(folder))
    .map(({ pid, command }) => ({ pid, command }));
}

/** Kills the coordinator that belongs to a folder, as the kernel does when memory is short. */
export function killCoordinator(folder: string): void {
  for (const { pid, command } of processesOf(folder)) {
    if (command.includes('main.js coordinator')) process.kill(pid, 'SIGKILL');
  }
}

/** Unix sockets in a folder that a process still listens on. */
export function socketsOf(folder: string): readonly string[] {
  const lines = read('/proc/net/unix').split('\n');
  return lines.flatMap((line) => (line.includes(folder) ? (line.split(' ').at(-1) ?? []) : []));
}

interface Snapshot extends FoundProcess {
  /** Command line and environment. */
  readonly text: string;
}

function everyProcess(): Snapshot[] {
  if (!existsSync('/proc/self/environ')) return everyProcessByPs();
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => {
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    return { pid: Number(pid), command, text: `${command} ${read(`/proc/${pid}/environ`)}` };
  });
}

function everyProcessByPs(): Snapshot[] {
  const output = execFileSync('ps', ['axeww', '-o', 'pid=,command='], { encoding: 'utf8' });
  return output.split('\n').flatMap((line) => {
    const [, pid, text] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || text === undefined
      ? []
      : [{ pid: Number(pid), command: text.slice(0, 80), text }];
  });
}

/** The content of a file; empty if it is missing, or belongs to another user. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
