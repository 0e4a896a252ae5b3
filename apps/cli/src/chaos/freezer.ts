import { lives, type Target } from './targets.js';

/** Processes that are stopped for a while. */
export interface Freezer {
  /** SIGSTOP, and after so many seconds SIGCONT or SIGKILL. */
  freeze(target: Target, seconds: number, thenKill: boolean): void;
  holds(pid: number): boolean;
  /** Lets all go on at once. */
  release(): void;
}

export function createFreezer(): Freezer {
  const thaws = new Map<number, () => void>();
  return {
    freeze: (target, seconds, thenKill) => {
      const end = (signal: NodeJS.Signals): void => {
        clearTimeout(timer);
        thaws.delete(target.pid);
        if (lives(target)) send(target.pid, signal);
      };
      const timer = setTimeout(end, 1000 * seconds, thenKill ? 'SIGKILL' : 'SIGCONT');
      thaws.set(target.pid, () => end('SIGCONT'));
      send(target.pid, 'SIGSTOP');
    },
    holds: (pid) => thaws.has(pid),
    release: () => thaws.forEach((thaw) => thaw()),
  };
}

/** Sends a signal to a process, which may have ended meanwhile. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has
  }
}
