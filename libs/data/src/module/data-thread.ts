import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LockstepError } from '@lockstep/core';
import { readModule, type ModuleContent } from './read-module.js';

/** What the thread is started with. */
export interface DataThreadRequest {
  /** Absolute path of the module. */
  readonly file: string;
  /** Absent for the whole data set. */
  readonly half?: 'test';
}

export type DataThreadMessage =
  /** A part of the module's code begins to run: `loading`, or a call of `read`. */
  | { readonly kind: 'begins'; readonly part: string }
  | { readonly kind: 'done'; readonly content: ModuleContent }
  | { readonly kind: 'failed'; readonly message: string; readonly remedy: string | undefined };

/** Runs a data module, whose code may wait or compute for ever, or end its thread. */
async function main(port: MessagePort, { file, half }: DataThreadRequest): Promise<void> {
  const send = (message: DataThreadMessage, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  try {
    const content = await readModule(file, half, (part) => send({ kind: 'begins', part }));
    send({ kind: 'done', content }, buffersOf(content));
  } catch (thrown) {
    const { message, remedy } = LockstepError.from(thrown, 'data-invalid');
    send({ kind: 'failed', message, remedy });
  }
}

/** The samples' buffers, which are transferred instead of copied. */
function buffersOf({ test, whole }: ModuleContent): ArrayBuffer[] {
  const splits = whole ? [test, whole.train] : [test];
  const arrays = splits.flatMap(({ inputs, targets }) => [inputs, targets]);
  return arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}

if (parentPort) await main(parentPort, workerData as DataThreadRequest);
