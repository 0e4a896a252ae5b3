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
import { watchUserCode } from './user-code.js';

interface Pending {
  readonly early?: ((part: unknown) => void) | undefined;
  resolve(result: unknown): void;
  reject(error: LockstepError): void;
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
   * @param early told of what is known before the result
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
  const worker = new Worker(new URL('./engine-thread.js', import.meta.url), {
    workerData: settings,
    name: 'compute',
    stdout: true,
  });
  // What a model prints must not come between the events that this process writes to stdout.
  worker.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closed = false;
  let dead: LockstepError | undefined;
  const failAll = (error: LockstepError): void => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    worker.unref();
  };
  const settle = (id: number): Pending | undefined => {
    const command = pending.get(id);
    pending.delete(id);
    // While it is being closed, a late result must not let the process exit before it has ended.
    if (pending.size === 0 && !closed) worker.unref();
    return command;
  };
  const userCode = watchUserCode((error) => {
    dead = error;
    failAll(error);
    void worker.terminate();
  }, settings.modelLimitMs);

  const facts = await new Promise<EngineFacts>((resolve, reject) => {
    worker.on('message', (message: EngineMessage) => {
      if (message.kind === 'ready') return resolve(message.facts);
      if (message.kind === 'user-code') {
        return message.file === undefined ? userCode.ends() : userCode.begins(message.file);
      }
      if (message.kind === 'early') return pending.get(message.id)?.early?.(message.part);
      if (message.kind === 'done') return settle(message.id)?.resolve(message.result);
      const error = revive(message.error);
      return message.id === undefined ? reject(error) : settle(message.id)?.reject(error);
    });
    const died = (cause: unknown): void => {
      dead ??= userCode.explain(cause) ?? threadEnded(cause);
      failAll(dead);
      reject(dead);
    };
    worker.on('error', died);
    worker.on('exit', (code) => {
      if (!closed) died(new Error(`exit code ${code}`));
    });
  }).catch(async (error: unknown) => {
    closed = true;
    await worker.terminate();
    throw error;
  });
  worker.unref();

  return {
    facts,
    run: (command, argument, transfer = [], early) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new LockstepError('internal', 'the compute thread is closed'));
        if (dead) return reject(dead);
        const id = nextId++;
        pending.set(id, { resolve, reject, early: early as Pending['early'] });
        worker.ref();
        const request: EngineRequest = { id, command, argument };
        return worker.postMessage(request, [...transfer]);
      }),
    close: async () => {
      closed = true;
      userCode.ends();
      failAll(new LockstepError('internal', 'the compute thread was closed'));
      // Node would otherwise exit before it has ended.
      worker.ref();
      await worker.terminate();
    },
  };
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
