import { Worker } from 'node:worker_threads';
import { errorCatalogue, LockstepError, type ErrorCode } from '@lockstep/core';
import { tensorFlowEnvironment } from '@lockstep/runtime/tensorflow';
import type {
  CommandName,
  Early,
  EngineCommands,
  EngineFacts,
  EngineFailure,
  EngineMessage,
  EngineRequest,
  EngineSettings,
} from './engine-protocol.js';
import { UserCodeWatch } from './user-code.js';

interface Pending {
  readonly early?: ((part: unknown) => void) | undefined;
  resolve(result: unknown): void;
  readonly reject: (error: LockstepError) => void;
}

/**
 * The one thread of a process that loads TensorFlow. Commands run one after another in the order
 * they were sent; the calling thread is free for its sockets meanwhile. The thread keeps the process
 * alive only while it loads and while commands are pending: an error path that does not close it
 * ends the process all the same.
 */
export interface Engine {
  readonly facts: EngineFacts;
  /**
   * Runs one command.
   *
   * @param transfer buffers of the argument that the caller gives away instead of copying
   * @param early called with what is known before the result
   * @throws LockstepError as the command failed; `internal` when the thread has died
   */
  run<Name extends CommandName>(
    command: Name,
    argument: EngineCommands[Name]['argument'],
    transfer?: readonly ArrayBuffer[],
    early?: (part: Early<Name>) => void,
  ): Promise<EngineCommands[Name]['result']>;
  /** Ends the thread; commands still under way are rejected. */
  close(): Promise<void>;
}

/**
 * Starts the compute thread and waits until it has loaded TensorFlow.
 *
 * @throws LockstepError `tensorflow-unavailable` when no backend can be loaded, `device-unavailable`
 *   when the device asked for is not there
 */
export async function startEngine(settings: EngineSettings): Promise<Engine> {
  // TensorFlow's thread pools read the process's real environment, which a thread cannot change.
  Object.assign(process.env, tensorFlowEnvironment(settings.threads, settings.device));
  const engine = new ThreadEngine(settings);
  await engine.loaded;
  return engine;
}

/** The calling thread's end: sends commands, and matches the thread's messages to them by id. */
class ThreadEngine implements Engine {
  /** Rejects, after the thread has ended, where TensorFlow cannot be loaded. */
  readonly loaded: Promise<void>;
  readonly #worker: Worker;
  readonly #userCode: UserCodeWatch;
  readonly #pending = new Map<number, Pending>();
  #facts: EngineFacts | undefined;
  #nextId = 1;
  #closed = false;
  /** Why the thread has ended by itself. */
  #dead: LockstepError | undefined;

  constructor(settings: EngineSettings) {
    this.#worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
      workerData: settings,
      name: 'compute',
      stdout: true,
    });
    // What a model prints must not come between the events that this process writes to stdout.
    this.#worker.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    this.#userCode = new UserCodeWatch((error) => {
      this.#dead = error;
      this.#failAll(error);
      void this.#worker.terminate();
    }, settings.modelLimitMs);
    this.loaded = this.#load();
  }

  get facts(): EngineFacts {
    if (this.#facts) return this.#facts;
    throw new LockstepError('internal', 'the compute thread has not loaded yet');
  }

  run<Name extends CommandName>(
    command: Name,
    argument: EngineCommands[Name]['argument'],
    transfer: readonly ArrayBuffer[] = [],
    early?: (part: Early<Name>) => void,
  ): Promise<EngineCommands[Name]['result']> {
    return new Promise((resolve, reject) => {
      if (this.#closed)
        return reject(new LockstepError('internal', 'the compute thread is closed'));
      if (this.#dead) return reject(this.#dead);
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject, early: early as Pending['early'] });
      this.#worker.ref();
      const request: EngineRequest = { id, command, argument };
      return this.#worker.postMessage(request, [...transfer]);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#userCode.ends();
    this.#failAll(new LockstepError('internal', 'the compute thread was closed'));
    // Node would otherwise exit before it has ended.
    this.#worker.ref();
    await this.#worker.terminate();
  }

  async #load(): Promise<void> {
    try {
      this.#facts = await new Promise<EngineFacts>((resolve, reject) =>
        this.#listen(resolve, reject),
      );
    } catch (error) {
      this.#closed = true;
      await this.#worker.terminate();
      throw error;
    }
    this.#worker.unref();
  }

  #listen(ready: (facts: EngineFacts) => void, failed: (error: LockstepError) => void): void {
    this.#worker.on('message', (message: EngineMessage) => {
      if (message.kind === 'ready') return ready(message.facts);
      if (message.kind === 'failed' && message.id === undefined) {
        return failed(revive(message.error));
      }
      return this.#receive(message);
    });
    const died = (cause: unknown): void => {
      this.#dead ??= this.#userCode.explain(cause) ?? threadEnded(cause);
      this.#failAll(this.#dead);
      failed(this.#dead);
    };
    this.#worker.on('error', died);
    this.#worker.on('exit', (code) => {
      if (!this.#closed) died(new Error(`exit code ${code}`));
    });
  }

  #receive(message: Exclude<EngineMessage, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'user-code':
        if (message.file === undefined) return this.#userCode.ends();
        return this.#userCode.begins(message.file);
      case 'early':
        return this.#pending.get(message.id)?.early?.(message.part);
      case 'done':
        return this.#take(message.id)?.resolve(message.result);
      case 'failed':
        if (message.id === undefined) return;
        return this.#take(message.id)?.reject(revive(message.error));
    }
  }

  /** The command that a reply belongs to, which is pending no more. */
  #take(id: number): Pending | undefined {
    const command = this.#pending.get(id);
    this.#pending.delete(id);
    // While it is being closed, a late result must not let the process exit before it has ended.
    if (this.#pending.size === 0 && !this.#closed) this.#worker.unref();
    return command;
  }

  #failAll(error: LockstepError): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#worker.unref();
  }
}

/** Starts an engine for `work` and closes it, whatever comes of that. */
export async function withEngine<Result>(
  settings: EngineSettings,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await startEngine(settings);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

function threadEnded(cause: unknown): LockstepError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new LockstepError('limit-reached', `the compute thread ran out of memory`, {
      remedy: 'choose a smaller --shard-size, or raise NODE_OPTIONS=--max-old-space-size',
      cause,
    });
  }
  return new LockstepError('internal', 'the compute thread ended', { cause });
}

function revive({ code, message, remedy, passing, stack }: EngineFailure): LockstepError {
  const known = (code in errorCatalogue ? code : 'internal') as ErrorCode;
  const error = new LockstepError(known, message, {
    ...(remedy === undefined ? {} : { remedy }),
    passing,
  });
  if (stack !== undefined) error.stack = stack;
  return error;
}
