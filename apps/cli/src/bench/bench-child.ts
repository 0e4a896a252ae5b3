import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { errorCatalogue, LockstepError, type ErrorCode } from '@lockstep/core';
import { z } from 'zod';
import { passOnStderr } from '../local/child-stderr.js';

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);
/** How a child reports an error that ends it. */
const failure = z.object({
  failed: z.object({
    code: z.string().refine(isErrorCode),
    message: z.string(),
    remedy: z.string().optional(),
  }),
});

interface Waiting {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process that a benchmark starts beside itself, with a channel for messages. */
export class BenchChild {
  readonly #program: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #messages: unknown[] = [];
  readonly #waiting: Waiting[] = [];
  #isGone = false;

  /**
   * Starts a program beside the file that runs. It receives `first` as its first message, and ends with
   * this process.
   *
   * @param program its file's name without the extension
   */
  constructor(program: string, first: object) {
    this.#program = program;
    const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
    this.#child = fork(path, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    if (this.#child.stderr) {
      createInterface({ input: this.#child.stderr }).on('line', passOnStderr());
    }
    this.#child.on('message', (message) => this.#receive(message));
    this.#closed = new Promise((resolve) => this.#child.once('close', () => resolve()));
    void this.#closed.then(() => {
      this.#isGone = true;
      for (const { reject } of this.#waiting.splice(0)) reject(this.#endedEarly());
    });
    this.send(first);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next message. Rejects with the child's own error, or when the process ends instead. */
  async next<Message>(): Promise<Message> {
    const message = await new Promise<unknown>((resolve, reject) => {
      if (this.#messages.length > 0) return resolve(this.#messages.shift());
      if (this.#isGone) return reject(this.#endedEarly());
      this.#waiting.push({ resolve, reject });
      return undefined;
    });
    const { data } = failure.safeParse(message);
    if (data === undefined) return message as Message;
    const { code, message: what, remedy } = data.failed;
    throw new LockstepError(code, what, remedy === undefined ? {} : { remedy });
  }

  send(message: object): void {
    this.#child.send(message, () => undefined);
  }

  /** Ends it at once. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  #receive(message: unknown): void {
    const first = this.#waiting.shift();
    if (first) first.resolve(message);
    else this.#messages.push(message);
  }

  #endedEarly(): LockstepError {
    const what = `the benchmark's process ${this.#program} ended too early`;
    return new LockstepError('internal', what, { remedy: 'see its own messages above' });
  }
}

/** The child's side: the next message of the parent. The process ends when the parent has ended. */
export function fromParent<Message>(): Promise<Message> {
  if (process.listenerCount('disconnect') === 0) process.once('disconnect', () => process.exit(1));
  return new Promise((resolve) => {
    process.once('message', (message) => resolve(message as Message));
  });
}

export function toParent(message: object): void {
  process.send?.(message);
}

/** The child's whole work: an error is reported to the parent, whose `next` throws it. */
export async function inChild(work: () => Promise<void>): Promise<void> {
  await work().catch((thrown: unknown) => {
    const { code, message, remedy } = LockstepError.from(thrown);
    toParent({ failed: { code, message, ...(remedy === undefined ? {} : { remedy }) } });
  });
}
