import { Module } from 'node:module';
import { constants } from 'node:os';

/** `dlopen` flag that keeps a library in memory permanently; Node has no constant for it. */
const RTLD_NODELETE = process.platform === 'darwin' ? 0x80 : 0x1000;

/**
 * Loads a native addon as `require` does, but so that it is never unloaded. Node unloads an addon
 * with the thread that loaded it, while TensorFlow's own threads still run in it, which would crash
 * the process.
 */
export function loadAddon(packageRequire: NodeJS.Require, path: string): unknown {
  const cached = packageRequire.cache[path];
  if (cached) return cached.exports;
  const module = new Module(path);
  module.filename = path;
  process.dlopen(module, path, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  module.loaded = true;
  packageRequire.cache[path] = module;
  return module.exports;
}
