import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const LOWEST = 19;

/**
 * Makes the calling thread stand back for the others of its process, as nice(1) does for a process:
 * a thread that has a moment's work with sockets then need not wait until a kernel is done. Linux
 * alone has a nice value for each thread; elsewhere, and where a sandbox forbids it, nothing changes.
 *
 * @param niceness added to the process's own
 */
export function lowerPriority(niceness: number): void {
  if (process.platform !== 'linux' || niceness === 0) return;
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1); // <pid>/task/<thread>
    setPriority(Number(thread), Math.min(getPriority() + niceness, LOWEST));
  } catch {
    // It is only a matter of speed.
  }
}
