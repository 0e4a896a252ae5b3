import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs-core';
import { addonPath } from './native-addon.js';
import { tfjsNodeFolder } from '../folders.js';

export type TensorFlow = typeof tfjs;

interface NativeBinding {
  readonly TF_Version: string;
}

type BackendConstructor = new (binding: NativeBinding, packageName: string) => tfjs.KernelBackend;

/**
 * Registers tfjs-node's native backend on @tensorflow/tfjs-core, and returns TensorFlow's version.
 *
 * tfjs-node's own index loads the union package too: layers, data, converter, the WebGL and CPU
 * backends, half of the start-up's CPU time. Its kernels use nothing of these but the core, so while
 * they load, `@tensorflow/tfjs` stands for the core. A later import gets the real union package.
 */
export function loadNative(): { tf: TensorFlow; version: string } {
  restoreIsNullOrUndefined();
  const packageRequire = createRequire(join(tfjsNodeFolder(), 'package.json'));
  const tf = packageRequire('@tensorflow/tfjs-core') as TensorFlow;
  const binding = packageRequire(addonPath()) as NativeBinding;
  const union = packageRequire.resolve('@tensorflow/tfjs');
  const before = packageRequire.cache[union];
  packageRequire.cache[union] = standIn(union, tf);
  try {
    const { NodeJSKernelBackend } = packageRequire('./dist/nodejs_kernel_backend.js') as {
      NodeJSKernelBackend: BackendConstructor;
    };
    packageRequire('./dist/register_all_kernels.js');
    register(tf, () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'));
  } finally {
    if (before === undefined) delete packageRequire.cache[union];
    else packageRequire.cache[union] = before;
  }
  return { tf, version: binding.TF_Version };
}

function standIn(path: string, exports: unknown): NodeJS.Module {
  const module = new Module(path);
  module.filename = path;
  module.loaded = true;
  module.exports = exports;
  return module;
}

/** The name and the priority are those of tfjs-node's own index: its kernels check the name. */
function register(tf: TensorFlow, create: () => tfjs.KernelBackend): void {
  if (tf.findBackendFactory('tensorflow') === null) tf.registerBackend('tensorflow', create, 3);
  void tf.setBackend('tensorflow');
}

/** Node 23 removed a function that tfjs-node 4.22 calls; fixed upstream, unreleased (tfjs#8425). */
function restoreIsNullOrUndefined(): void {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
