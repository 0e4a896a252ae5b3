import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs-core';
import type * as tfjsLayers from '@tensorflow/tfjs-layers';
import { tfjsNodeFolder } from '../folders.js';

export type TensorFlow = typeof tfjs;

/** The core together with tfjs-layers. */
export type TensorFlowLayers = TensorFlow & typeof tfjsLayers;

/** Parts of the union package that are not needed here and slow to load. */
const UNUSED = [
  'tfjs-layers',
  'tfjs-converter',
  'tfjs-data',
  'tfjs-backend-cpu',
  'tfjs-backend-webgl',
];

/**
 * Loads the core with all gradients and chained ops, and runs `load` for what needs both.
 *
 * In Node only the union package `@tensorflow/tfjs` registers the gradients, and tfjs-node's kernels
 * ask for the union too. While it loads here, empty modules stand for its unused parts; afterwards
 * it is removed from the cache, so that later imports of the union or its parts are complete.
 */
export function loadCore<T>(load: (require: NodeJS.Require) => T): { tf: TensorFlow; loaded: T } {
  const packageRequire = createRequire(join(tfjsNodeFolder(), 'package.json'));
  const union = packageRequire.resolve('@tensorflow/tfjs');
  const unused = UNUSED.map((name) => packageRequire.resolve(`@tensorflow/${name}`));
  const standIns = unused.filter((path) => packageRequire.cache[path] === undefined);
  const wasWhole = packageRequire.cache[union] !== undefined;
  for (const path of standIns) packageRequire.cache[path] = emptyModule(path);
  try {
    const tf = packageRequire('@tensorflow/tfjs-core') as TensorFlow;
    packageRequire(union);
    return { tf, loaded: load(packageRequire) };
  } finally {
    for (const path of standIns) delete packageRequire.cache[path];
    if (!wasWhole) delete packageRequire.cache[union];
  }
}

/** tfjs-layers on the core that `loadCore` has loaded, in one object with it. */
export function loadLayers(): TensorFlowLayers {
  const packageRequire = createRequire(join(tfjsNodeFolder(), 'package.json'));
  const core = packageRequire('@tensorflow/tfjs-core') as TensorFlow;
  const layers = packageRequire('@tensorflow/tfjs-layers') as typeof tfjsLayers;
  return Object.assign({}, core, layers);
}

function emptyModule(path: string): NodeJS.Module {
  const module = new Module(path);
  module.filename = path;
  module.loaded = true;
  return module;
}
