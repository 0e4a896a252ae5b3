import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const LOWEST = 19;

/**
 * Lowers the priority of the calling thread within its process, so that threads doing network I/O
 * need not wait for a kernel to finish. Only Linux has a nice value per thread; elsewhere, and where a
 * sandbox forbids it, this does nothing.
 *
 * @param niceness added to the process's nice value
 */
export function lowerPriority(niceness: number): void {
  if (process.platform !== 'linux' || niceness === 0) return;
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1); // <pid>/task/<thread>
    setPriority(Number(thread), Math.min(getPriority() + niceness, LOWEST));
  } catch {
    // Affects speed only.
  }
}
