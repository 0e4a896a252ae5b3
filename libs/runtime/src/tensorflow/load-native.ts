import { Module } from 'node:module';
import { constants } from 'node:os';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs-core';
import { loadCore, type TensorFlow } from './load-core.js';
import { addonPath } from './native-addon.js';
import type { DeviceName } from './tensorflow-environment.js';

interface NativeBinding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

interface BackendModule {
  readonly NodeJSKernelBackend: new (
    binding: NativeBinding,
    packageName: string,
  ) => tfjs.KernelBackend;
}

/**
 * Registers tfjs-node's native backend on @tensorflow/tfjs-core, as tfjs-node's own index does but
 * without the parts it does not need. Returns the core, TensorFlow's version and where it computes:
 * on a GPU if it sees one.
 */
export function loadNative(): { tf: TensorFlow; version: string; device: DeviceName } {
  replaceIsNullOrUndefined();
  const { tf, loaded } = loadCore((packageRequire) => {
    const binding = loadAddon(packageRequire, addonPath()) as NativeBinding;
    packageRequire('./dist/register_all_kernels.js');
    return { binding, module: packageRequire('./dist/nodejs_kernel_backend.js') as BackendModule };
  });
  const { binding, module } = loaded;
  register(tf, () => new module.NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'));
  const device = binding.isUsingGpuDevice() ? 'gpu' : 'cpu';
  return { tf, version: binding.TF_Version, device };
}

/** The name and the priority are those of tfjs-node's own index: its kernels check the name. */
function register(tf: TensorFlow, create: () => tfjs.KernelBackend): void {
  if (tf.findBackendFactory('tensorflow') === null) tf.registerBackend('tensorflow', create, 3);
  void tf.setBackend('tensorflow');
}

/**
 * tfjs-node 4.22 calls a function that Node 22 warns about and Node 23 removed; the fix is merged
 * upstream but not released (tfjs#8425).
 */
function replaceIsNullOrUndefined(): void {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined = (value) => value === null || value === undefined;
}

/** `dlopen` flag that keeps a library in memory permanently; Node has no constant for it. */
const RTLD_NODELETE = process.platform === 'darwin' ? 0x80 : 0x1000;

/**
 * Loads a native addon as `require` does, but so that it is never unloaded. Node unloads an addon
 * with the thread that loaded it, while TensorFlow's own threads still run in it, which would crash
 * the process.
 */
function loadAddon(packageRequire: NodeJS.Require, path: string): unknown {
  const cached = packageRequire.cache[path];
  if (cached) return cached.exports;
  const module = new Module(path);
  module.filename = path;
  process.dlopen(module, path, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  module.loaded = true;
  packageRequire.cache[path] = module;
  return module.exports;
}
