import { spawn } from 'node:child_process';
import { lives, type Target } from './targets.js';

/** Stops processes for a while. */
export class Freezer {
  /** By process id. */
  readonly #thaws = new Map<number, () => void>();

  /** SIGSTOP, and after so many seconds SIGCONT or SIGKILL. */
  freeze(target: Target, seconds: number, thenKill: boolean): void {
    const release = watchOver(target);
    const end = (signal: NodeJS.Signals): void => {
      clearTimeout(timer);
      this.#thaws.delete(target.pid);
      if (lives(target)) send(target.pid, signal);
      release();
    };
    const timer = setTimeout(end, 1000 * seconds, thenKill ? 'SIGKILL' : 'SIGCONT');
    this.#thaws.set(target.pid, () => end('SIGCONT'));
    send(target.pid, 'SIGSTOP');
  }

  holds(pid: number): boolean {
    return this.#thaws.has(pid);
  }

  /** Resumes all of them immediately. */
  release(): void {
    for (const thaw of this.#thaws.values()) thaw();
  }
}

/**
 * Resumes a frozen process however this one ends, even by `kill -9`: a shell waits for the end of a pipe
 * that only this process holds open.
 *
 * @returns closes the pipe
 */
function watchOver({ pid }: Target): () => void {
  const shell = spawn('/bin/sh', ['-c', 'read _; kill -CONT "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // out of reach of a terminal's Ctrl-C
  });
  shell.on('error', () => undefined);
  return () => void shell.stdin.end();
}

/** Sends a signal to a process, which may have ended meanwhile. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has
  }
}
