import { isMainThread } from 'node:worker_threads';
import { LockstepError, messageOf } from '@lockstep/core';
import {
  forcedBackend,
  foreignVariable,
  setForeignVariables,
  type BackendName,
} from '../environment.js';
import { setUpCommand } from '../folders.js';
import { chosenBackend } from './backend-choice.js';
import type { TensorFlow } from './load-core.js';
import { loadNative } from './load-native.js';
import { loadWasm } from './load-wasm.js';
import { tensorFlowEnvironment, type DeviceName } from './tensorflow-environment.js';

export interface LoadOptions {
  /** Threads of TensorFlow's kernels; part of a run's numerics. The wasm backend always has one. */
  readonly threads: number;
  /** Overrides `LOCKSTEP_BACKEND`, which overrides the choice of set-up. */
  readonly backend?: BackendName;
  /** The required device; the CPU by default. */
  readonly device?: DeviceName;
}

export interface LoadedTensorFlow {
  readonly tf: TensorFlow;
  readonly backend: BackendName;
  /** TensorFlow's version (`native`) or that of the WebAssembly backend (`wasm`). */
  readonly version: string;
  /** Where its kernels compute. */
  readonly device: DeviceName;
}

/**
 * Loads TensorFlow into this thread. Ops block the thread, so load it in a thread without other
 * work; only one thread of a process can hold the native backend at a time. In a worker thread the
 * process must have been given `tensorFlowEnvironment(threads, device)`, else `internal` is thrown.
 * Never falls back: a backend that doesn't load is `tensorflow-unavailable`, a GPU that TensorFlow
 * does not see `device-unavailable`.
 */
export async function loadTensorFlow(options: LoadOptions): Promise<LoadedTensorFlow> {
  const { threads, device = 'cpu' } = options;
  const backend = options.backend ?? forcedBackend() ?? chosenBackend();
  if (backend === 'native') fixEnvironment(threads, device);
  const loaded = { backend, ...(await load(backend)) };
  if (loaded.device === device) return loaded;
  throw new LockstepError(
    'device-unavailable',
    `--device ${device}, but TensorFlow ${loaded.version} (${backend}) computes on the ${loaded.device}`,
    {
      remedy: `use the GPU image, or LOCKSTEP_DEVICE=gpu ${setUpCommand()}, on a machine with an NVIDIA driver; or --device cpu`,
    },
  );
}

async function load(backend: BackendName): Promise<Omit<LoadedTensorFlow, 'backend'>> {
  try {
    return backend === 'native' ? loadNative() : await loadWasm();
  } catch (error) {
    throw new LockstepError(
      'tensorflow-unavailable',
      `the ${backend} TensorFlow backend does not load: ${firstLine(error)}`,
      { remedy: `run "${setUpCommand()}"; "lockstep doctor" says what is missing`, cause: error },
    );
  }
}

function fixEnvironment(threads: number, device: DeviceName): void {
  const wanted = tensorFlowEnvironment(threads, device);
  if (isMainThread) return setForeignVariables(wanted);
  const wrong = Object.keys(wanted)
    .filter((name) => !name.endsWith('LOG_LEVEL'))
    .find((name) => foreignVariable(name) !== wanted[name]);
  if (wrong === undefined) return;
  throw new LockstepError('internal', `the process was started without ${wrong}=${wanted[wrong]}`, {
    remedy: 'start the process with tensorFlowEnvironment(threads, device) in its environment',
  });
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}
