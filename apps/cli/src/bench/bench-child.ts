import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { passOnStderr } from '../local/child-stderr.js';

/** A process that a benchmark starts beside itself, and what it says over the channel. */
export interface BenchChild {
  readonly pid: number;
  /** The next message. Rejects when the process ends instead. */
  next<Message>(): Promise<Message>;
  send(message: object): void;
  /** Ends it at once. */
  end(): Promise<void>;
}

/**
 * Starts a program of this folder. Whatever it is told first comes to it as its first message; it ends
 * with this process.
 *
 * @param program its file's name without the ending
 */
export function startBenchChild(program: string, told: object): BenchChild {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const child = fork(path, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  if (child.stderr) createInterface({ input: child.stderr }).on('line', passOnStderr());
  const messages: unknown[] = [];
  const waiting: { resolve(message: unknown): void; reject(error: Error): void }[] = [];
  child.on('message', (message) => {
    const first = waiting.shift();
    if (first) first.resolve(message);
    else messages.push(message);
  });
  let gone = false;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void closed.then(() => {
    gone = true;
    for (const { reject } of waiting.splice(0)) reject(ended(program));
  });
  const send = (message: object): void => void child.send(message, () => undefined);
  send(told);
  return {
    pid: child.pid ?? 0,
    next: <Message>() =>
      new Promise<Message>((resolve, reject) => {
        if (messages.length > 0) return resolve(messages.shift() as Message);
        if (gone) return reject(ended(program));
        waiting.push({ resolve: (message) => resolve(message as Message), reject });
        return undefined;
      }),
    send,
    end: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function ended(program: string): LockstepError {
  return new LockstepError('internal', `the benchmark's process ${program} ended too early`, {
    remedy: 'see above what it said',
  });
}

/** The child's side: the next message of the parent, whose end is this process's end too. */
export function fromParent<Message>(): Promise<Message> {
  if (process.listenerCount('disconnect') === 0) process.once('disconnect', () => process.exit(1));
  return new Promise((resolve) => {
    process.once('message', (message) => resolve(message as Message));
  });
}

export function toParent(message: object): void {
  process.send?.(message);
}
