import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LockstepError } from '@lockstep/core';
import { loadTensorFlow } from '@lockstep/runtime/tensorflow';
import { createCommands } from './commands.js';
import type { EngineMessage, EngineRequest, EngineSettings } from './engine-protocol.js';
import { lowerPriority } from './lower-priority.js';
import { forbidExit } from './user-code.js';

/** The compute thread: loads TensorFlow, then runs one command after another. */
async function main(port: MessagePort, settings: EngineSettings): Promise<void> {
  const send = (message: EngineMessage, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const fail = (id: number | undefined, thrown: unknown): void => {
    const { code, message, remedy, passing, stack } = LockstepError.from(thrown);
    send({ kind: 'failed', id, error: { code, message, remedy, passing, stack } });
  };
  // Before TensorFlow is loaded, whose own threads inherit it.
  lowerPriority(settings.niceness ?? 0);
  try {
    const { backend, version, device } = await loadTensorFlow(settings);
    const commands = createCommands((file) => send({ kind: 'user-code', file }));
    forbidExit();
    let before: Promise<void> = Promise.resolve();
    const reply = async ({ id, command, argument }: EngineRequest): Promise<void> => {
      try {
        const early = (part: object): void => send({ kind: 'early', id, part }, buffersOf(part));
        const result = await commands[command](argument as never, early);
        send({ kind: 'done', id, result }, buffersOf(result));
      } catch (error) {
        fail(id, error);
      }
    };
    port.on('message', (request: EngineRequest) => {
      before = before.then(() => reply(request));
    });
    send({ kind: 'ready', facts: { backend, tensorflow: version, device } });
  } catch (error) {
    fail(undefined, error);
  }
}

/** The buffers of a result's arrays, which are transferred instead of copied. */
function buffersOf(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return [];
  return Object.values(result).flatMap((value: unknown) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  );
}

if (parentPort) await main(parentPort, workerData as EngineSettings);
