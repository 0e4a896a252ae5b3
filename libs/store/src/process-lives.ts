import { readFileSync } from 'node:fs';
import { errorCodeOf } from './disk.js';

/** Whether a process of this host is still at work: one that ended but was never waited for is not. */
export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
  return !isZombie(pid);
}

/** A container's first process often does not wait for its children, so zombies stay on the list. */
function isZombie(pid: number): boolean {
  try {
    // The state follows the command's name, which is in parentheses and may hold some itself.
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
