import { Worker } from 'node:worker_threads';
import { LockstepError, messageOf } from '@lockstep/core';
import { dataInvalid } from './data-invalid.js';
import type { DataThreadMessage, DataThreadRequest } from './data-thread.js';
import type { ModuleContent } from './read-module.js';

/** How long a data module's code may run, in milliseconds. */
export interface ModuleLimits {
  readonly load: number;
  /** Of one call of `read`. */
  readonly read: number;
}

const LIMITS: ModuleLimits = { load: 60_000, read: 300_000 };

/**
 * Reads a data module in a thread of its own, so that its code can neither block this thread nor end the
 * process; the thread is ended afterwards.
 *
 * @throws LockstepError `data-invalid`, naming the part of the module that fails
 */
export function readInThread(request: DataThreadRequest, limits = LIMITS): Promise<ModuleContent> {
  const { file } = request;
  const thread = new Worker(new URL('./data-thread.js', import.meta.url), {
    workerData: request,
    name: 'data',
    stdout: true,
  });
  // What a module prints must not come between the events that this process writes to stdout.
  thread.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  let part = 'loading';
  let timer: NodeJS.Timeout | undefined;
  const content = new Promise<ModuleContent>((resolve, reject) => {
    const begin = (name: string): void => {
      part = name;
      clearTimeout(timer);
      const limit = part === 'loading' ? limits.load : limits.read;
      timer = setTimeout(() => reject(overdue(file, part, limit)), limit);
    };
    thread.on('message', (message: DataThreadMessage) => {
      if (message.kind === 'begins') begin(message.part);
      else if (message.kind === 'done') resolve(message.content);
      else reject(sent(message));
    });
    thread.on('error', (cause) => reject(thrownOutside(file, cause)));
    thread.on('exit', () => reject(ended(file, part)));
  });
  return content.finally(() => {
    clearTimeout(timer);
    return thread.terminate();
  });
}

function sent({ message, remedy }: Extract<DataThreadMessage, { kind: 'failed' }>): LockstepError {
  return new LockstepError('data-invalid', message, remedy === undefined ? {} : { remedy });
}

function overdue(file: string, part: string, limitMs: number): LockstepError {
  return dataInvalid(file, `${part} has not ended after ${limitMs / 1000} s`, {
    remedy: 'Avoid endless loops and promises that never settle; read fewer bytes per sample.',
  });
}

function thrownOutside(file: string, cause: unknown): LockstepError {
  const message = messageOf(cause);
  return dataInvalid(file, `it threw an error outside of any call: ${message}`, {
    remedy: 'Catch errors in timers and promises of the module.',
    cause,
  });
}

function ended(file: string, part: string): LockstepError {
  return dataInvalid(file, `${part} ended without a result`, {
    remedy: 'Remove calls of process.exit, and let every promise settle.',
  });
}
