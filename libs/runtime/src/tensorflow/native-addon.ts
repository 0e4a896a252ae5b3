import { join } from 'node:path';
import { tfjsNodeFolder } from '../folders.js';

/** The Node-API version of the addon: the newest that tfjs-node 4.22 knows; Node ≥ 20 has it. */
export const NODE_API_VERSION = 8;

/** Where tfjs-node looks for its native addon, whichever way it came to be. */
export function addonPath(): string {
  return join(tfjsNodeFolder(), 'lib', `napi-v${NODE_API_VERSION}`, 'tfjs_binding.node');
}
