import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import { loadCore, type TensorFlow } from './load-core.js';
import type { DeviceName } from './tensorflow-environment.js';

const require = createRequire(import.meta.url);

/** Registers the WebAssembly backend: one thread, SIMD where the CPU has it. Returns its version. */
export async function loadWasm(): Promise<{
  tf: TensorFlow;
  version: string;
  device: DeviceName;
}> {
  const { tf } = loadCore(() => undefined);
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof tfjsWasm;
  tf.enableProdMode();
  wasm.setThreadsCount(1);
  wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  await tf.setBackend('wasm');
  await tf.ready();
  return { tf, version: wasm.version_wasm, device: 'cpu' };
}
